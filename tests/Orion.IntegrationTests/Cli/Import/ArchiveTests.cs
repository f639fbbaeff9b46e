using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orion.Domain.Sessions;
using Orion.Infrastructure.Persistence;

namespace Orion.IntegrationTests.Cli.Import;

/// <summary><c>orion export</c>, <c>orion import --file</c> and <c>orion users erase</c>.</summary>
public abstract class ArchiveTests(OrionFixture orion) : CommandTests(orion)
{
    private protected const string Start = """{"type":"export","format":1,"userId":"owner@example.com"}""";

    private const string Difficult = "Zeile 1\nline 2 \"quoted\" \\ \t 👩‍👩‍👧 \u2028 \u202e é";

    [Fact]
    public async Task An_import_into_the_other_database_is_identical_even_after_an_interruption()
    {
        var firstSession = await Fill();
        await Friend.Create(new { firstMessage = "The friend's" });
        var export = (await Command("export")).Should(0).Out;
        Assert.Contains(OrionFixture.Friend, Users(export));
        await using var elsewhere = await NewDatabase();
        foreach (var user in Users(export).Where(user => user != OrionServer.Owner))
            await elsewhere.Database.Authorize(user, TimeProvider.System.GetUtcNow());
        var lines = export.Split('\n');

        var planned = Json(await Import(elsewhere.Environment, export, "--dry-run"));
        Assert.DoesNotContain("sessions:1", await elsewhere.Database.Snapshot(), StringComparison.Ordinal);
        var cut = (await TryImport(elsewhere.Environment, string.Join('\n', lines[..^4]) + "\n")).Should(1);
        ShouldBeOneLine(cut);
        Assert.Contains($"Line {lines.Length - 3} ", cut.Error, StringComparison.Ordinal);
        Assert.Contains("incomplete", cut.Error, StringComparison.Ordinal);
        await Import(elsewhere.Environment, export);
        var again = Json(await Import(elsewhere.Environment, export));

        Assert.Equal((4, 6), (Added(planned, "sessions"), Added(planned, "messages")));
        Assert.Equal((0, 0), (Added(again, "sessions"), Added(again, "messages")));
        Assert.Equal(export, (await Run(elsewhere.Environment, "", "export")).Should(0).Out);
        // The same as seen by clients.
        await using var server = await OrionServer.Start(elsewhere.Database);
        foreach (var path in (string[])["/api/sessions?archived=any", $"/api/sessions/{firstSession}", $"/api/sessions/{firstSession}/messages"])
            Assert.Equal((await Api.Get(path)).Should(200).BodyText, (await server.Api.Get(path)).Should(200).BodyText);
    }

    [Fact]
    public async Task Every_stored_property_of_a_session_survives_an_export_and_an_import()
    {
        var id = SessionId.Parse(await Api.Create(new { title = "Kept", firstMessage = "Hello", metadata = new { a = 1 } }))!.Value;
        (await Api.Patch($"/api/sessions/{id}", new { archived = true })).Should(200);
        var properties = StoredProperties.OfSession(Server);
        await using (var scope = Server.Services.CreateAsyncScope())
        {
            var context = scope.ServiceProvider.GetRequiredService<OrionDbContext>();
            var entry = context.Entry(await context.Sessions.SingleAsync(session => session.Id == id, TestContext.Current.CancellationToken));
            // A property without a value here is a new one.
            foreach (var property in properties.Where(property => Equals(property.GetValue(entry.Entity), Default(property.PropertyType))))
                entry.Property(property.Name).CurrentValue = StoredProperties.Sample(property, 1);
            context.ChangeTracker.DetectChanges();
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var export = (await Command("export", "--user", OrionServer.Owner)).Should(0).Out;
        await using var elsewhere = await NewDatabase();
        await Import(elsewhere.Environment, export);

        await using var other = await OrionServer.Start(elsewhere.Database);
        // The owner has another id there, and old session tokens are rejected.
        var kept = properties.Where(property => property.Name is not (nameof(Session.OwnerId) or nameof(Session.TokensValidFrom))).ToList();
        kept.ShouldBeSame(
            await StoredProperties.ReadSession(Server, id), await StoredProperties.ReadSession(other, id),
            "The archive does not have it: ArchivedSession in ArchiveLine.cs, ImportedSession and Session.Import in Session.Import.cs.");

        static object? Default(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;
    }

    [Fact]
    public async Task An_export_of_one_user_contains_no_other_and_its_import_skips_sessions_that_changed_since()
    {
        var firstSession = await Fill();
        await Friend.Create(new { firstMessage = "The friend's alone" });
        var export = (await Command("export", "--user", OrionServer.Owner)).Should(0).Out;
        Assert.DoesNotContain("alone", export, StringComparison.Ordinal);
        ShouldBeOneLine((await Command("export", "--user", "stranger@example.com")).Should(1));
        (await Api.Patch($"/api/sessions/{firstSession}", new { title = "Changed since" })).Should(200);
        var before = await Orion.Database.Snapshot();

        var user = Assert.Single(Json(await Import(Environment(Orion.Database), export)).GetProperty("users").EnumerateArray());

        Assert.Equal(firstSession, Assert.Single(user.GetProperty("sessions").GetProperty("left").EnumerateArray()).GetString());
        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Fact]
    public async Task An_import_repairs_data_that_an_earlier_version_accepted_and_this_one_rejects()
    {
        await Api.Create(new { title = "Blank", firstMessage = "Hello", metadata = new { k = "half" } });
        var export = (await Command("export", "--user", OrionServer.Owner)).Should(0).Out
            .Replace("\"title\":\"Blank\"", "\"title\":\"\u200b\"", StringComparison.Ordinal)
            .Replace("half", @"\\ud83d", StringComparison.Ordinal);
        Assert.Contains(@"\\ud83d", export, StringComparison.Ordinal);

        await using var other = await NewDatabase();
        await Import(other.Environment, export);

        Assert.Equal([@"|{""k"":""\ufffd""}|"], await other.Database.Query("SELECT title, metadata FROM sessions"));
    }

    [Fact]
    public async Task A_deleted_session_that_is_imported_again_rejects_its_old_session_tokens()
    {
        var id = await Api.Create(new { firstMessage = "Hello" });
        var old = Server.With(await Api.Mint(id));
        (await old.Get($"/api/sessions/{id}")).Should(200);
        var export = (await Command("export", "--user", OrionServer.Owner)).Should(0).Out;
        (await Api.Delete($"/api/sessions/{id}")).Should(204);

        await Import(Environment(Orion.Database), export);

        (await Api.Get($"/api/sessions/{id}")).Should(200);
        (await old.Get($"/api/sessions/{id}")).ShouldBeProblem(401, "invalid_token");
        (await Server.With(await Api.Mint(id)).Get($"/api/sessions/{id}")).Should(200);
    }

    [Fact]
    public async Task Erasing_requires_a_confirmation_reports_counts_and_does_not_affect_other_users()
    {
        await Fill();
        await Friend.Create(new { firstMessage = "The friend's" });
        var before = await Orion.Database.Snapshot();

        var unconfirmed = (await CommandWithInput($"{OrionServer.Owner}\n", "users", "erase", OrionServer.Owner)).Should(1);
        ShouldBeOneLine(unconfirmed);
        Assert.Contains("--yes", unconfirmed.Error, StringComparison.Ordinal);
        Assert.Equal(before, await Orion.Database.Snapshot());

        var receipt = Json((await Command("users", "erase", OrionServer.Owner, "--yes", "--json")).Should(0));
        Assert.Equal(
            (3, 5, 1),
            (receipt.GetProperty("sessions").GetInt32(), receipt.GetProperty("messages").GetInt32(), receipt.GetProperty("keptAnswers").GetInt32()));
        var again = (await Command("users", "erase", OrionServer.Owner, "--yes")).Should(0);
        Assert.Contains("0 sessions, 0 messages, 0 stored idempotent responses", again.Out, StringComparison.Ordinal);

        Assert.Empty((await Api.Get("/api/sessions?archived=any")).Should(200).Items("sessions"));
        Assert.Single((await Friend.Get("/api/sessions")).Should(200).Items("sessions"));
        ShouldBeOneLine((await Command("users", "erase", "stranger@example.com", "--yes")).Should(1));
    }

    [Fact]
    public async Task A_session_that_changes_during_the_import_is_skipped_from_that_point_with_exit_code_1()
    {
        var (session, lines) = Archive(messages: 1300);
        var live = "";

        var ended = (await OrionCommand.RunProcess(
            ["import", "--file", "-", "--json"], Path.GetTempPath(), Environment(Orion.Database), feed: async input =>
            {
                await input.WriteAsync(string.Concat(lines[..1102].Select(line => line + "\n")));
                await input.FlushAsync();
                await Eventually.Until(
                    async () => await Api.Get($"/api/sessions/{session}") is { Status: 200 } read && read.Json.GetProperty("messageCount").GetInt32() == 1000,
                    "The first thousand is not taken over.");
                live = (await Api.Append(session, "Written meanwhile")).GetProperty("id").GetString()!;
                await input.WriteAsync(string.Concat(lines[1102..].Select(line => line + "\n")));
            })).Should(1);

        var before = await Orion.Database.Snapshot();
        // A second run has the same result.
        foreach (var report in (System.Text.Json.JsonElement[])[Json(ended), Json((await TryImport(Environment(Orion.Database), string.Join('\n', lines), "--json")).Should(1))])
        {
            var user = Assert.Single(report.GetProperty("users").EnumerateArray());
            Assert.Equal(session, Assert.Single(user.GetProperty("sessions").GetProperty("left").EnumerateArray()).GetString());
            Assert.Equal(session, Assert.Single(user.GetProperty("sessions").GetProperty("incomplete").EnumerateArray()).GetString());
            Assert.Equal(300, user.GetProperty("messages").GetProperty("missing").GetInt32());
        }

        Assert.Equal(before, await Orion.Database.Snapshot());
        var last = (await Api.Get($"/api/sessions/{session}/messages?order=desc&limit=1")).Should(200).Items("messages").Single();
        Assert.Equal((1001, live), (last.GetProperty("sequence").GetInt32(), last.GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData("Text 2", "Text two")]
    [InlineData("0002\"", "9002\"")]
    public async Task A_different_message_in_the_position_of_an_imported_one_does_not_count_as_present(string part, string other)
    {
        var (session, lines) = Archive(messages: 4);
        await Import(Environment(Orion.Database), string.Join('\n', lines));
        await Import(Environment(Orion.Database), string.Join('\n', lines));
        var before = await Orion.Database.Snapshot();
        lines[3] = lines[3].Replace(part, other, StringComparison.Ordinal);

        foreach (var more in (string[][])[["--dry-run"], []])
        {
            var ended = (await TryImport(Environment(Orion.Database), string.Join('\n', lines), more)).Should(1);
            Assert.Contains($"{session} was changed here, or is a different session with the same id; 1 of its messages", ended.Out, StringComparison.Ordinal);
        }

        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Fact]
    public async Task An_import_that_fails_reports_what_it_has_imported()
    {
        var (_, lines) = Archive(messages: 1300);

        var cut = (await TryImport(Environment(Orion.Database), string.Join('\n', lines[..900]))).Should(1);

        ShouldBeOneLine(cut);
        Assert.Contains($"1 session and 898 messages of {OrionServer.Owner}. Correct this", cut.Error, StringComparison.Ordinal);
        var rejected = (await TryImport(Environment(Orion.Database), string.Join('\n', lines[..900]), "--dry-run")).Should(1);
        Assert.Contains("Nothing was written", rejected.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2 * 365 * 24)]
    public async Task A_session_dated_in_the_future_gets_tokens_like_any_other(int hours)
    {
        var session = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var at = TimeProvider.System.GetUtcNow().AddHours(hours).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        await Import(Environment(Orion.Database), string.Join('\n', [
            Start,
            $$"""{"type":"session","sessionId":"{{session}}","messageCount":0,"createdAt":"{{at}}","updatedAt":"{{at}}","version":1,"tokensValidFrom":"1970-01-01T00:00:00Z","metadata":"{}"}""",
            """{"type":"end","sessions":1,"messages":0}""",
        ]));
        var early = await Api.Mint($"{session}");
        (await Api.Patch($"/api/sessions/{session}", new { archived = true })).Should(200);
        (await Api.Patch($"/api/sessions/{session}", new { archived = false })).Should(200);

        var late = await Api.Mint($"{session}");

        (await Server.With(early).Get($"/api/sessions/{session}")).Should(401);
        (await Server.With(late).Get($"/api/sessions/{session}")).Should(200);
    }

    [Fact]
    public async Task Tokens_that_a_clock_ahead_has_blocked_are_minted_after_archiving_and_restoring()
    {
        Server.Clock.Advance(TimeSpan.FromHours(1));
        string session;
        try
        {
            session = await Api.Create();
            (await Api.Patch($"/api/sessions/{session}", new { archived = true })).Should(200);
            (await Api.Patch($"/api/sessions/{session}", new { archived = false })).Should(200);
        }
        finally
        {
            Server.Clock.Advance(TimeSpan.FromHours(-1));
        }

        var response = (await Api.Post("/api/tokens", new { sessionId = session })).Should(409);
        Assert.Equal("conflict", response.Text("error"));
        (await Api.Patch($"/api/sessions/{session}", new { archived = true })).Should(200);
        (await Api.Patch($"/api/sessions/{session}", new { archived = false })).Should(200);

        (await Server.With(await Api.Mint(session)).Get($"/api/sessions/{session}")).Should(200);
    }

    private static async Task<OrionCommand.Ended> Import(Dictionary<string, string> environment, string export, params string[] more) =>
        (await TryImport(environment, export, ["--json", .. more])).Should(0);

    private protected static async Task<OrionCommand.Ended> TryImport(Dictionary<string, string> environment, string export, params string[] more)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, export);
        var ended = await Run(environment, "", ["import", "--file", file, .. more]);
        File.Delete(file);
        return ended;
    }

    // An export of one session, line by line.
    private static (string Session, string[] Lines) Archive(int messages)
    {
        var session = $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}";
        const string at = "2026-01-02T03:04:05.000000Z";
        return (session,
        [
            Start,
            $$"""{"type":"session","sessionId":"{{session}}","messageCount":{{messages}},"createdAt":"{{at}}","updatedAt":"{{at}}","version":{{messages}},"tokensValidFrom":"1970-01-01T00:00:00Z","metadata":"{}"}""",
            .. Enumerable.Range(1, messages).Select(n =>
                $$"""{"type":"message","sessionId":"{{session}}","sequence":{{n}},"id":"01900000-0000-7000-8000-00000000{{n:0000}}","role":"user","content":"Text {{n}}","createdAt":"{{at}}","metadata":"{}"}"""),
            $$"""{"type":"end","sessions":1,"messages":{{messages}}}""",
        ]);
    }

    private static int Added(System.Text.Json.JsonElement report, string what) =>
        report.GetProperty("users").EnumerateArray().Sum(user => user.GetProperty(what).GetProperty("added").GetInt32());

    private static IEnumerable<string> Users(string export) => export.Split('\n').Where(line => line.StartsWith("{\"type\":\"export\"", StringComparison.Ordinal))
        .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("userId").GetString()!);

    // Three sessions: one with messages, one archived, one without a title. Returns the first.
    private async Task<string> Fill()
    {
        var firstSession = (await Api.Post("/api/sessions", """{"firstMessage":"Hello","metadata":{ "b" : 1.0, "a":1e400 }}""")).Should(201).Text("sessionId");
        await Api.Append(firstSession, Difficult, "assistant");
        await Api.Append(firstSession, new string('x', 3000));
        var archived = await Api.Create(new { title = "Archived", firstMessage = "Old" });
        await Api.Append(archived, "Older", "assistant");
        (await Api.Patch($"/api/sessions/{archived}", new { archived = true })).Should(200);
        (await Api.Post("/api/sessions", new { }, ("Idempotency-Key", "once"))).Should(201);
        return firstSession;
    }

    /// <summary>A new, empty database of the other system.</summary>
    private protected abstract Task<TestDatabase> CreateOther();

    private async Task<Elsewhere> NewDatabase()
    {
        var database = await CreateOther();
        var environment = Environment(database);
        (await Run(environment, "", "migrate")).Should(0);
        return new Elsewhere(database, environment);
    }

    private sealed record Elsewhere(TestDatabase Database, Dictionary<string, string> Environment) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }
}

[Collection(CliOnPostgres.Name)]
public sealed class ArchiveOnPostgres(PostgresOrion orion) : ArchiveTests(orion)
{
    private protected override Task<TestDatabase> CreateOther() => Task.FromResult<TestDatabase>(new SqliteDatabase());
}

[Collection(CliOnSqlite.Name)]
public sealed class ArchiveOnSqlite(SqliteOrion orion, PostgresServers servers) : ArchiveTests(orion)
{
    private const string End = """{"type":"end","sessions":0,"messages":0}""";

    // Errors in a file do not depend on the database.
    [Theory]
    [InlineData(2, Start)]
    [InlineData(2, Start + "\n{\"type\":\"session\"}")]
    [InlineData(2, Start + "\n{\"type\":\"end\",\"sessions\":1,\"messages\":0}")]
    [InlineData(3, Start + "\n{\"type\":\"end\",\"sessions\":0,\"messages\":0,\"usersToCome\":1}")]
    [InlineData(1, """{"type":"export","format":1,"userId":"stranger@example.com"}""" + "\n" + End)]
    public async Task An_invalid_export_is_rejected_with_its_line_number_and_changes_nothing(int line, string text)
    {
        var before = await Orion.Database.Snapshot();
        var ended = (await TryImport(Environment(Orion.Database), text)).Should(1);
        ShouldBeOneLine(ended);
        Assert.Contains($"Line {line} ", ended.Error, StringComparison.Ordinal);
        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Theory]
    [InlineData("The file is empty. Nothing", "")]
    [InlineData("orion import reads the exports of Orion, ChatGPT, Open WebUI and LibreChat.", """{"version":1}""")]
    [InlineData("orion import reads the exports of Orion, ChatGPT, Open WebUI and LibreChat.", "{\n\"version\": 1\n}")]
    [InlineData("Line 2 cannot be imported. It is truncated", Start + "\n{\"type\":")]
    [InlineData("Line 2 cannot be imported. It is not valid JSON", Start + "\n{\"type\":\n" + End)]
    public async Task A_file_in_another_format_and_a_line_that_is_not_JSON_are_named_as_such(string message, string text) =>
        Assert.Contains(message, (await TryImport(Environment(Orion.Database), text)).Should(1).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("Claude", """[{"uuid": "1", "name": "A", "chat_messages": []}]""")]
    public async Task An_export_that_cannot_be_imported_is_named(string program, string text)
    {
        var before = await Orion.Database.Snapshot();
        var file = Path.GetTempFileName();
        foreach (var written in (string[])[text, "\uFEFF" + text.Replace(", ", ",\n  ", StringComparison.Ordinal), text[..^2] + new string(' ', 3_000_000)])
        {
            await File.WriteAllTextAsync(file, written, TestContext.Current.CancellationToken);
            var ended = (await Command("import", "--file", file)).Should(1);
            ShouldBeOneLine(ended);
            Assert.StartsWith($"orion: This is an export of {program}, which Orion cannot import.", ended.Error, StringComparison.Ordinal);
        }

        File.Delete(file);
        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Fact]
    public async Task A_missing_file_is_exit_code_74() =>
        ShouldBeOneLine((await Command("import", "--file", "/nowhere/at-all.ndjson")).Should(74));

    private protected override async Task<TestDatabase> CreateOther() => await PostgresDatabase.Create(await servers.Shared());
}
