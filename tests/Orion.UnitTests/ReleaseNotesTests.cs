using System.Diagnostics;
using Orion.UnitTests.Configuration;

namespace Orion.UnitTests;

/// <summary><c>scripts/release-notes.sh</c>, in a folder with its own files.</summary>
public sealed class ReleaseNotesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orion-release-");

    public ReleaseNotesTests()
    {
        _folder.CreateSubdirectory("scripts");
        File.Copy(EnvFileTests.PathOf("../../scripts/release-notes.sh"), Path.Combine(_folder.FullName, "scripts", "release-notes.sh"));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Only_the_section_of_the_version_is_printed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It is a shell script.");
        Write("1.2.0", """
            # Changelog

            ## [Unreleased]

            ### Added
            - Not yet.

            ## [1.2.0] - 2026-02-03

            ### Added
            - This.

            ### Fixed
            - `that`.

            ## [1.2.0-rc.1] - 2026-01-02
            - Before.

            [1.2.0]: https://example.com
            """);

        Assert.Equal((0, "### Added\n- This.\n\n### Fixed\n- `that`.\n"), Run("1.2.0"));
    }

    [Theory]
    [InlineData("1.2.1", "## [1.2.1] - 2026-02-03\n- It is not the project's.")]
    [InlineData("1.2.0", "## [1.2.0]\n- It has no date.")]
    [InlineData("1.2.0", "## [1.2.0] - 2026-02-03\n\n## [1.1.0] - 2026-01-01\n- Only the one before says something.")]
    [InlineData("1.2.0", "## [1x2.0] - 2026-02-03\n- A dot is a dot.")]
    [InlineData("v1.2.0", "## [v1.2.0] - 2026-02-03\n- It is no version.")]
    [InlineData("1.2.0; ls", "## [1.2.0; ls] - 2026-02-03\n- It is no version.")]
    public void An_invalid_release_is_rejected(string version, string changelog)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It is a shell script.");
        Write("1.2.0", changelog);

        Assert.Equal((1, ""), Run(version));
    }

    private void Write(string version, string changelog)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "Directory.Build.props"), $"<Project>\n  <Version>{version}</Version>\n</Project>\n");
        File.WriteAllText(Path.Combine(_folder.FullName, "CHANGELOG.md"), changelog + "\n");
    }

    private (int ExitCode, string Output) Run(string version)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Path.Combine(_folder.FullName, "scripts", "release-notes.sh"), version])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
