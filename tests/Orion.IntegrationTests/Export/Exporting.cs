using Orion.IntegrationTests.Cli;

namespace Orion.IntegrationTests.Export;

/// <summary><c>GET /api/export</c>.</summary>
public abstract class Exporting(OrionFixture orion) : CommandTests(orion)
{
    [Fact]
    public async Task An_export_is_byte_for_byte_that_of_the_command_line_and_contains_no_other_user()
    {
        await Fill();
        await Friend.Create(new { firstMessage = "The friend's alone" });

        var export = (await Api.Get("/api/export")).Should(200);

        Assert.Equal("application/x-ndjson", export.ContentType);
        Assert.Matches("^attachment; filename=\"orion-\\d{4}-\\d\\d-\\d\\d\\.ndjson\"$", export.Required("Content-Disposition"));
        Assert.Equal((await Command("export", "--user", OrionServer.Owner)).Should(0).Out, export.BodyText);
        Assert.Contains("\"Archived\"", export.BodyText, StringComparison.Ordinal);
        Assert.DoesNotContain("alone", export.BodyText, StringComparison.Ordinal);
        Assert.Equal(
            (await Command("export", "--user", OrionFixture.Friend)).Should(0).Out, (await Friend.Get("/api/export")).Should(200).BodyText);
    }

    [Fact]
    public async Task An_import_of_an_export_into_the_other_database_gives_the_same_export()
    {
        await Fill();
        var export = (await Api.Get("/api/export")).Should(200).BodyText;
        await using var other = await CreateOther();
        await using var server = await OrionServer.Start(other);
        Assert.Contains("\"sessions\":0,\"messages\":0", (await server.Api.Get("/api/export")).Should(200).BodyText, StringComparison.Ordinal);

        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, export, TestContext.Current.CancellationToken);
        (await Run(Environment(other), "", "import", "--file", file)).Should(0);
        File.Delete(file);

        Assert.Equal(export, (await server.Api.Get("/api/export")).Should(200).BodyText);
    }

    [Fact]
    public async Task Many_large_and_small_messages_are_complete_and_in_order()
    {
        var session = await Api.Create(new { firstMessage = "1" });
        for (var n = 2; n <= 40; n++) await Api.Append(session, n % 10 < 4 ? new string('€', 90_000) : $"{n}");
        // More than one page of small ones.
        for (var n = 41; n <= 600; n++) await Api.Append(session, $"{n}");

        var export = (await Api.Get("/api/export")).Should(200).BodyText;

        Assert.Equal((await Command("export", "--user", OrionServer.Owner)).Should(0).Out, export);
        var lines = export.Split('\n').Where(line => line.Contains("\"type\":\"message\"", StringComparison.Ordinal)).ToList();
        Assert.Equal(600, lines.Count);
        for (var n = 1; n <= 600; n++) Assert.Contains($"\"sequence\":{n},", lines[n - 1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_token_cannot_export()
    {
        var session = await Api.Create(new { firstMessage = "Hello" });

        (await Server.With(await Api.Mint(session)).Get("/api/export")).ShouldBeProblem(403, "insufficient_scope");
    }

    private async Task Fill()
    {
        var first = (await Api.Post("/api/sessions", """{"firstMessage":"Hello","metadata":{ "b" : 1.0, "a":1e400 }}""")).Should(201).Text("sessionId");
        await Api.Append(first, "Zeile 1\nline 2 \"quoted\" \\ \t 👩‍👩‍👧 \u2028 \u202e é", "assistant");
        var archived = await Api.Create(new { title = "Archived", firstMessage = "Old" });
        (await Api.Patch($"/api/sessions/{archived}", new { archived = true })).Should(200);
        await Api.Create();
    }

    /// <summary>A new, empty database of the other system.</summary>
    private protected abstract Task<TestDatabase> CreateOther();
}

[Collection(CliOnPostgres.Name)]
public sealed class ExportingOnPostgres(PostgresOrion orion) : Exporting(orion)
{
    private protected override Task<TestDatabase> CreateOther() => Task.FromResult<TestDatabase>(new SqliteDatabase());
}

[Collection(CliOnSqlite.Name)]
public sealed class ExportingOnSqlite(SqliteOrion orion, PostgresServers servers) : Exporting(orion)
{
    private protected override async Task<TestDatabase> CreateOther() => await PostgresDatabase.Create(await servers.Shared());
}
