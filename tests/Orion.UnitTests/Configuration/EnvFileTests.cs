using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orion.Infrastructure.Configuration.DotEnv;

namespace Orion.UnitTests.Configuration;

public class EnvFileTests
{
    [Fact]
    public void Every_file_is_read_as_dotenv_reads_it()
    {
        using var table = JsonDocument.Parse(File.ReadAllText(PathOf("dotenv-results.json")));
        var rows = table.RootElement.EnumerateArray().ToList();
        Assert.True(rows.Count > 500);

        foreach (var row in rows)
        {
            var file = row.GetProperty("file").GetString()!;
            var expected = row.GetProperty("values").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
            var actual = EnvFile.Parse(file);
            Assert.True(
                expected.Count == actual.Count && expected.All(e => actual.TryGetValue(e.Key, out var value) && value == e.Value),
                $"{JsonSerializer.Serialize(file)}: expected {JsonSerializer.Serialize(expected)}, read {JsonSerializer.Serialize(actual)}");
        }
    }

    [Fact]
    public void A_file_that_would_take_dotenv_hours_is_abandoned()
    {
        var started = Stopwatch.GetTimestamp();

        Assert.Throws<RegexMatchTimeoutException>(() => EnvFile.Parse(new string('\n', 1_000_000)));

        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_large_valid_file_is_read()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"NAME_{i}='value {i}' # a comment\n"));

        Assert.Equal(20_000, EnvFile.Parse(text).Count);
    }

    internal static string PathOf(string name, [CallerFilePath] string callerFile = "") => Path.Combine(Path.GetDirectoryName(callerFile)!, name);
}
