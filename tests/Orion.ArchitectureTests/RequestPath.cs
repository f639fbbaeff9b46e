using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Orion.ArchitectureTests;

/// <summary>The path of a request that CONTRIBUTING.md describes.</summary>
public sealed partial class RequestPath
{
    private const int MaxFiles = 30;
    private const int MaxFolders = 10;

    [Fact]
    public void The_files_that_it_names_exist_and_a_newcomer_can_read_them_in_one_sitting() => Check();

    private static void Check([CallerFilePath] string here = "")
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../.."));
        var text = File.ReadAllText(Path.Combine(root, "CONTRIBUTING.md"));
        var section = Section().Match(text).Groups["section"].Value;
        var files = SourceFile().Matches(section).Select(match => match.Groups["file"].Value).ToHashSet();

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(root, file)), file));
        Assert.InRange(files.Count, 1, MaxFiles);
        Assert.InRange(files.Select(Path.GetDirectoryName).Distinct().Count(), 1, MaxFolders);
    }

    [GeneratedRegex("## A request's way.*?From the endpoint on(?<section>.*?)A test checks", RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex("`(?<file>src/[^`]+\\.cs)`")]
    private static partial Regex SourceFile();
}
