using System.Text.Json;

namespace Orion.IntegrationTests.Cli.Deployments;

/// <summary><c>orion deployments</c>, without settings and a database.</summary>
public sealed class DeploymentsCommandTests : IDisposable
{
    private const string First =
        """{"id":"20261124T173000Z-1a2b3c","version":"1.0.0","commit":"0123456789ab","who":"ada@laptop","startedAt":"2026-11-24T17:30:00Z","seconds":12.3,"checks":["doctor","migrate","ready","verify"],"outcome":"deployed","reason":null,"probes":120,"requestsRefused":0}""";

    private const string Second =
        """{"id":"20261125T080000Z-4d5e6f","version":"1.1.0","commit":"abcdef012345","who":"bob@desk","startedAt":"2026-11-25T08:00:00Z","seconds":20,"checks":["doctor"],"outcome":"failed","reason":"orion migrate: exit code 69","probes":7,"requestsRefused":0}""";

    private const string Third =
        """{"id":"20261125T090000Z-777777","version":"0.9.0","commit":"999999999999","who":"bob@desk","startedAt":"2026-11-25T09:00:00Z","seconds":4.56,"checks":[],"outcome":"rolled back","reason":null,"probes":3,"requestsRefused":1,"later":"member"}""";

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task The_newest_are_shown_first_each_on_a_line()
    {
        await Write(First, Second, Third);

        var lines = Lines((await Run()).Should(0).Out);

        Assert.Equal(4, lines.Length);
        Assert.Matches("^2026-11-25 09:00:00Z +0.9.0-999999999999 +bob@desk +4.6 +rolled back +1 of 3$", lines[1]);
        Assert.Matches("^2026-11-25 08:00:00Z +1.1.0-abcdef012345 +bob@desk +20.0 +failed +doctor +0 of 7 +orion migrate: exit code 69$", lines[2]);
        Assert.Matches("^2026-11-24 17:30:00Z +1.0.0-0123456789ab +ada@laptop +12.3 +deployed +doctor migrate ready verify +0 of 120$", lines[3]);
        Assert.Equal(["2026-11-25 09", "2026-11-25 08"], Lines((await Run("--last", "2")).Should(0).Out)[1..].Select(line => line[..13]));
        (await Run("--last", "0")).Should(64);
    }

    [Fact]
    public async Task As_JSON_it_is_what_the_server_wrote()
    {
        await Write(First, Second);

        var report = JsonDocument.Parse((await Run("--json")).Should(0).Out).RootElement;

        Assert.Equal(0, report.GetProperty("unreadable").GetInt32());
        var newest = report.GetProperty("deployments")[0];
        Assert.Equal("failed", newest.GetProperty("outcome").GetString());
        Assert.Equal("20261125T080000Z-4d5e6f", newest.GetProperty("id").GetString());
        Assert.Equal(7, newest.GetProperty("probes").GetInt32());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("deployments")[1].GetProperty("reason").ValueKind);
    }

    [Fact]
    public async Task Invalid_lines_are_counted_and_skipped()
    {
        await Write(
            "not JSON", First, "{}", "null", "[]", First.Replace("deployed", "perfect", StringComparison.Ordinal),
            First.Replace("\"ada@laptop\"", "null", StringComparison.Ordinal), First.Replace("\"ready\"", "null", StringComparison.Ordinal),
            "", Second, Second[..50]);

        var ended = (await Run()).Should(0);
        Assert.Equal(3, Lines(ended.Out).Length);
        Assert.Contains("8 lines", ended.Error, StringComparison.Ordinal);
        Assert.Equal(8, JsonDocument.Parse((await Run("--json")).Should(0).Out).RootElement.GetProperty("unreadable").GetInt32());
    }

    [Fact]
    public async Task The_name_of_an_operator_cannot_forge_a_line_or_move_the_cursor()
    {
        await Write(First.Replace("ada@laptop", @"eve\n2026-11-26 10:00:00Z\u001b[2J\u202e\u009b1m", StringComparison.Ordinal));

        var output = (await Run()).Should(0).Out;

        Assert.Equal(2, Lines(output).Length);
        Assert.DoesNotContain(output, character => character is not ('\n' or '\r' or (>= ' ' and <= '~')));
    }

    [Fact]
    public async Task Without_a_log_there_are_no_deployments()
    {
        File.Delete(_file);
        Assert.Equal("No deployments yet", (await Run()).Should(0).Out.Trim());
        Assert.Equal(0, JsonDocument.Parse((await Run("--json")).Should(0).Out).RootElement.GetProperty("deployments").GetArrayLength());

        Assert.Equal("No deployments yet", (await Run("--file", "/nowhere/at/all.ndjson")).Should(0).Out.Trim());
        Assert.StartsWith("orion: ", (await Run("--file", Path.GetTempPath())).Should(74).Error, StringComparison.Ordinal);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private Task Write(params string[] lines) => File.WriteAllLinesAsync(_file, lines, TestContext.Current.CancellationToken);

    private Task<OrionCommand.Ended> Run(params string[] arguments) => OrionCommand.Run(
        ["deployments", .. arguments.Contains("--file") ? (string[])[] : ["--file", _file], .. arguments],
        Path.GetTempPath(),
        new Dictionary<string, string>());
}
