using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Orion.ArchitectureTests;

/// <summary>The files that CONTRIBUTING.md names.</summary>
public sealed partial class DocumentedFiles
{
    private const int MaxFilesOfRequestPath = 30;
    private const int MaxFoldersOfRequestPath = 10;

    [Fact]
    public void Every_file_that_the_index_names_exists() =>
        AssertExist(ReadSection(Index()), IndexedFile(), file => $"src/Orion.{file}");

    [Fact]
    public void The_path_of_a_request_can_be_read_in_one_sitting()
    {
        var files = AssertExist(ReadSection(FromEndpoint()), SourceFile(), file => file);

        Assert.InRange(files.Count, 1, MaxFilesOfRequestPath);
        Assert.InRange(files.Select(Path.GetDirectoryName).Distinct().Count(), 1, MaxFoldersOfRequestPath);
    }

    [Fact]
    public void Every_middleware_on_the_path_of_a_request_exists() =>
        AssertExist(ReadSection(Middleware()), MiddlewareFile(), file => $"src/Orion.Api/{file}");

    private static HashSet<string> AssertExist(string section, Regex pattern, Func<string, string> path)
    {
        var files = pattern.Matches(section).Select(match => path(match.Groups["file"].Value)).ToHashSet();
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(Root(), file)), file));
        return files;
    }

    private static string ReadSection(Regex section) =>
        section.Match(File.ReadAllText(Path.Combine(Root(), "CONTRIBUTING.md"))).Groups["section"].Value;

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../.."));

    [GeneratedRegex("## Where to find it(?<section>.*?)\\n## ", RegexOptions.Singleline)]
    private static partial Regex Index();

    [GeneratedRegex("## The path of a request(?<section>.*?)From the endpoint on", RegexOptions.Singleline)]
    private static partial Regex Middleware();

    [GeneratedRegex("From the endpoint on(?<section>.*?)A test checks", RegexOptions.Singleline)]
    private static partial Regex FromEndpoint();

    [GeneratedRegex("`(?<file>(Api|Application|Domain|Infrastructure|Mcp)/[^`]+\\.cs)`")]
    private static partial Regex IndexedFile();

    [GeneratedRegex("`(?<file>[A-Z][A-Za-z]+/[^`/]+\\.cs)`")]
    private static partial Regex MiddlewareFile();

    [GeneratedRegex("`(?<file>src/[^`]+\\.cs)`")]
    private static partial Regex SourceFile();
}
