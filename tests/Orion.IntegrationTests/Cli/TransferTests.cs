using Orion.IntegrationTests.Databases;
using Orion.IntegrationTests.Hosting;

namespace Orion.IntegrationTests.Cli;

/// <summary><c>orion export</c>, <c>orion import --file</c> and <c>orion users erase</c>.</summary>
public abstract class TransferTests(OrionFixture orion) : CommandTests(orion)
{
    private const string Difficult = "Zeile 1\nline 2 \"quoted\" \\ \t 👩‍👩‍👧 \u2028 \u202e é";

    [Fact]
    public async Task What_was_exported_and_imported_elsewhere_is_exported_again_the_same()
    {
        var kept = await Fill();
        var export = (await Command("export")).Should(0).Out;
        await using var elsewhere = await NewDatabase();

        await Import(elsewhere.Environment, export);

        Assert.Equal(export, (await Run(elsewhere.Environment, "", "export")).Should(0).Out);
        // As clients see it, too.
        await using var server = await OrionServer.Start(elsewhere.Database);
        foreach (var path in (string[])["/api/sessions?archived=any", $"/api/sessions/{kept}", $"/api/sessions/{kept}/messages"])
            Assert.Equal((await Api.Get(path)).Should(200).BodyText, (await server.Api.Get(path)).Should(200).BodyText);
    }

    [Fact]
    public async Task Cut_off_in_the_middle_and_run_again_it_doubles_and_misses_nothing()
    {
        await Fill();
        var export = (await Command("export")).Should(0).Out;
        await using var elsewhere = await NewDatabase();
        var lines = export.Split('\n');

        var cut = (await Run(elsewhere.Environment, string.Join('\n', lines[..^4]) + "\n", "import", "--file", "-")).Should(1);
        ShouldBeOneLine(cut);
        Assert.Contains("not whole", cut.Error, StringComparison.Ordinal);
        await Import(elsewhere.Environment, export);
        var again = Json(await Import(elsewhere.Environment, export));

        Assert.Equal(0, again.GetProperty("messages").GetProperty("added").GetInt64());
        Assert.Equal(0, again.GetProperty("sessions").GetProperty("added").GetInt32());
        Assert.Equal(export, (await Run(elsewhere.Environment, "", "export")).Should(0).Out);
    }

    [Fact]
    public async Task A_session_that_was_changed_here_since_is_left_as_it_is_and_said_to_be()
    {
        var kept = await Fill();
        var export = (await Command("export")).Should(0).Out;
        (await Api.Patch($"/api/sessions/{kept}", new { title = "Changed since" })).Should(200);
        var before = await Orion.Database.Snapshot();

        var left = Json(await Import(Environment(Orion.Database), export)).GetProperty("sessions").GetProperty("left");

        Assert.Equal(kept, Assert.Single(left.EnumerateArray()).GetString());
        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Theory]
    [InlineData("")]
    [InlineData("no export")]
    [InlineData("""{"type":"export","format":2,"userId":"owner@example.com"}""")]
    [InlineData("""{"type":"export","format":1,"userId":"owner@example.com"}""")]
    [InlineData("{\"type\":\"export\",\"format\":1,\"userId\":\"owner@example.com\"}\n{\"type\":\"session\"}")]
    [InlineData("{\"type\":\"export\",\"format\":1,\"userId\":\"owner@example.com\"}\n{\"type\":\"end\",\"sessions\":1,\"messages\":0}")]
    [InlineData("{\"type\":\"export\",\"format\":1,\"userId\":\"stranger@example.com\"}\n{\"type\":\"end\",\"sessions\":0,\"messages\":0}")]
    public async Task What_is_no_export_is_refused_in_a_line_and_leaves_no_trace(string text)
    {
        var before = await Orion.Database.Snapshot();
        ShouldBeOneLine((await CommandReads(text, "import", "--file", "-")).Should(1));
        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Fact]
    public async Task Nobody_elses_sessions_are_exported_and_a_file_that_is_not_there_is_exit_code_74()
    {
        await Friend.Create(new { firstMessage = "The friend's alone" });

        Assert.DoesNotContain("alone", (await Command("export")).Should(0).Out, StringComparison.Ordinal);
        Assert.Contains("alone", (await Command("export", "--user", OrionFixture.Friend)).Should(0).Out, StringComparison.Ordinal);
        ShouldBeOneLine((await Command("export", "--user", "stranger@example.com")).Should(1));
        ShouldBeOneLine((await Command("import", "--file", "/nowhere/at-all.ndjson")).Should(74));
    }

    [Fact]
    public async Task Erasing_asks_first_then_counts_then_counts_nothing_and_leaves_others_alone()
    {
        await Fill();
        await Friend.Create(new { firstMessage = "The friend's" });
        var before = await Orion.Database.Snapshot();

        var unconfirmed = (await CommandReads("yes\n", "users", "erase", OrionServer.Owner)).Should(1);
        Assert.Contains("Not confirmed", unconfirmed.Error, StringComparison.Ordinal);
        Assert.Equal(before, await Orion.Database.Snapshot());

        var receipt = Json((await CommandReads($"{OrionServer.Owner}\n", "users", "erase", OrionServer.Owner, "--json")).Should(0));
        Assert.Equal((3, 5), (receipt.GetProperty("sessions").GetInt32(), receipt.GetProperty("messages").GetInt32()));
        var again = (await Command("users", "erase", OrionServer.Owner, "--yes")).Should(0);
        Assert.Contains("0 sessions, 0 messages, 0 kept answers", again.Out, StringComparison.Ordinal);

        Assert.Empty((await Api.Get("/api/sessions?archived=any")).Should(200).Items("sessions"));
        Assert.Single((await Friend.Get("/api/sessions")).Should(200).Items("sessions"));
        ShouldBeOneLine((await Command("users", "erase", "stranger@example.com", "--yes")).Should(1));
    }

    private static async Task<OrionCommand.Ended> Import(Dictionary<string, string> environment, string export)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, export);
        var ended = (await Run(environment, "", "import", "--file", file, "--json")).Should(0);
        File.Delete(file);
        return ended;
    }

    // Three sessions: one with messages, one archived, one without a name. Gives the first.
    private async Task<string> Fill()
    {
        var kept = (await Api.Post("/api/sessions", """{"firstMessage":"Hello","metadata":{ "b" : 1.0, "a":1e400 }}""")).Should(201).Text("sessionId");
        await Api.Append(kept, Difficult, "assistant");
        await Api.Append(kept, new string('x', 3000));
        var archived = await Api.Create(new { title = "Archived", firstMessage = "Old" });
        await Api.Append(archived, "Older", "assistant");
        (await Api.Patch($"/api/sessions/{archived}", new { archived = true })).Should(200);
        await Api.Create();
        return kept;
    }

    private async Task<Elsewhere> NewDatabase()
    {
        var database = await Orion.CreateDatabase();
        var environment = Environment(database);
        (await Run(environment, "", "migrate")).Should(0);
        return new Elsewhere(database, environment);
    }

    private sealed record Elsewhere(TestDatabase Database, Dictionary<string, string> Environment) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }
}

[Collection(OnPostgres.Name)]
public sealed class TransferOnPostgres(PostgresOrion orion) : TransferTests(orion);

[Collection(OnSqlite.Name)]
public sealed class TransferOnSqlite(SqliteOrion orion) : TransferTests(orion);
