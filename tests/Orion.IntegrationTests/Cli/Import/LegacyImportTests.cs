using System.Text.Json;

namespace Orion.IntegrationTests.Cli.Import;

/// <summary><c>orion import --from</c>: the import of a legacy database.</summary>
public abstract class LegacyImportTests(OrionFixture orion, PostgresServers servers) : CommandTests(orion)
{
    private const string Owner = OrionServer.Owner;
    private const string Old = "session_1760341989640_0qlzxmdkmjjj";
    private const string UuidSession = "0b7e6c1c-61d0-4c25-9d62-0d1f53a1c7de";

    [Fact]
    public async Task Everything_is_imported_once_with_ids_times_order_and_metadata_and_a_dry_run_only_reports_it()
    {
        await using var old = await Filled();
        var (here, there) = (await Orion.Database.Snapshot(), await old.Snapshot());

        var planned = Json(await Import(old, "--dry-run"));
        Assert.Equal(here, await Orion.Database.Snapshot());
        var report = Json(await Import(old));
        var taken = await Orion.Database.Snapshot();
        var again = Json(await Import(old)).GetProperty("users")[0];

        Assert.Equal(there, await old.Snapshot());
        Assert.Equal(taken, await Orion.Database.Snapshot());
        Assert.Equal(report.GetProperty("users").GetRawText(), planned.GetProperty("users").GetRawText());
        Assert.Equal((0L, 3L, 5L), (Number(again, "messages", "added"), Number(again, "sessions", "wereHere"), Number(again, "messages", "wereHere")));
        ShouldBeTheReport(report);
        await ShouldBeImported();
    }

    [Fact]
    public async Task A_killed_import_that_is_run_again_has_the_same_result()
    {
        await using var old = await LegacyServiceDatabase.Create(servers);
        await old.AddMany(Owner, sessions: 100, messages: 60);
        await old.AddMany(Owner, sessions: 1, messages: 2500, "long");
        const int all = (100 * 61) + 2501;
        await Import(old);
        var whole = await SnapshotWithoutTheTime();
        await Orion.Reset();

        var killed = await OrionCommand.RunProcess(
            ["import", "--from", old.Url], Path.GetTempPath(), Environment(Orion.Database), meanwhile: async process =>
            {
                while (!process.HasExited && await CountMessages() == 0) await Task.Delay(5);
                process.Kill();
            });

        Assert.NotEqual(0, killed.ExitCode);
        Assert.InRange(await CountMessages(), 1, all - 1);
        var rest = Json(await Import(old)).GetProperty("users")[0];
        Assert.Equal(whole, await SnapshotWithoutTheTime());
        Assert.InRange(Number(rest, "messages", "wereHere"), 1, all - 1);
        Assert.Equal(0, Number(rest, "messages", "left"));

        // Session tokens are valid from the import on, whenever that was.
        async Task<string> SnapshotWithoutTheTime()
        {
            await Orion.Database.Execute("UPDATE sessions SET tokens_valid_from = @p0", Orion.Database.Instant(DateTimeOffset.UnixEpoch));
            return await Orion.Database.Snapshot();
        }
    }

    [Fact]
    public async Task New_legacy_messages_are_appended_except_to_sessions_continued_or_archived_here()
    {
        await using var old = await LegacyServiceDatabase.Create(servers);
        foreach (var name in (string[])["quiet", "continued", "archived", "renamed"])
        {
            await old.AddSession(name, Owner, "2025-01-01 10:00Z", $"About {name}");
            await old.AddMessage($"{name}-1", name, "user", "First", "2025-01-01 10:00Z");
        }

        await old.AddSession("unnamed", Owner, "2025-01-01 10:00Z", "New Chat");
        await Import(old);
        var ids = (await Api.Get("/api/sessions")).Should(200).Items("sessions").ToDictionary(
            session => session.GetProperty("title").GetString()!.Split(' ')[^1], session => session.GetProperty("sessionId").GetString()!);
        await Api.Append(ids["continued"], "Here");
        (await Api.Patch($"/api/sessions/{ids["archived"]}", new { archived = true })).Should(200);
        (await Api.Patch($"/api/sessions/{ids["renamed"]}", new { title = "Otherwise" })).Should(200);
        foreach (var name in (string[])["quiet", "continued", "archived", "renamed"])
            await old.AddMessage($"{name}-2", name, "assistant", "Since", "2025-01-01 12:30Z");
        await old.AddMessage("unnamed-1", "unnamed", "user", "A name at last", "2025-01-01 12:30Z");

        var user = Json(await Import(old)).GetProperty("users")[0];

        Assert.Equal((3L, 4L, 2L), (Number(user, "messages", "added"), Number(user, "messages", "wereHere"), Number(user, "messages", "left")));
        Assert.Equal(["continuedHere", "archivedHere", "differsHere"], Warnings(user).Keys);
        await ShouldBe(ids["quiet"], "About quiet", 3, "First", "Since");
        await ShouldBe(ids["continued"], "About continued", 3, "First", "Here");
        await ShouldBe(ids["archived"], "About archived", 3, "First");
        await ShouldBe(ids["renamed"], "Otherwise", 4, "First", "Since");
        await ShouldBe(ids["Chat"], "New Chat", 2, "A name at last");
    }

    [Fact]
    public async Task A_first_message_that_gets_a_row_later_is_recognized_and_later_messages_are_appended()
    {
        await using var old = await LegacyServiceDatabase.Create(servers);
        await old.AddSession("begun", Owner, "2025-01-01 10:00Z", "Begun", "Hello there");
        await Import(old);
        await old.AddMessage("begun-1", "begun", "user", "Hello there", "2025-01-01 10:00Z");
        await old.AddMessage("begun-2", "begun", "assistant", "Hello", "2025-01-01 10:01Z");

        for (var run = 0; run < 2; run++)
        {
            var user = Json(await Import(old)).GetProperty("users")[0];
            Assert.Equal((1L - run, 1L + run, 0L), (Number(user, "messages", "added"), Number(user, "messages", "wereHere"), Number(user, "messages", "left")));
        }

        await ShouldBe((await Api.Get("/api/sessions")).Should(200).Texts("sessions", "sessionId")[0], "Begun", 3, "Hello there", "Hello");
    }

    [Fact]
    public async Task A_message_whose_id_exists_here_is_skipped_with_exit_code_1_and_deleted_sessions_are_imported_again()
    {
        await using var old = await LegacyServiceDatabase.Create(servers);
        await old.AddSession("s", Owner, "2025-01-01 10:00Z", "About");
        for (var n = 1; n <= 3; n++) await old.AddMessage($"m-{n}", "s", "user", $"Text {n}", $"2025-01-01 10:0{n}Z");
        await Import(old);
        await old.Execute("UPDATE chat_messages SET content = 'Another text' WHERE message_id = 'm-2'");
        await old.Execute("DELETE FROM chat_messages WHERE message_id = 'm-1'");
        await old.AddMessage("m-4", "s", "assistant", "Text 4", "2025-01-01 10:04Z");

        var ended = (await Run(Environment(Orion.Database), "", "import", "--from", old.Url, "--json")).Should(1);

        var user = Json(ended).GetProperty("users")[0];
        Assert.Equal((1L, 1L, 1L), (Number(user, "messages", "added"), Number(user, "messages", "wereHere"), Number(user, "messages", "left")));
        Assert.Equal(["otherHere"], Warnings(user).Keys);
        var id = (await Api.Get("/api/sessions")).Should(200).Texts("sessions", "sessionId")[0];
        Assert.Equal(["Text 1", "Text 2", "Text 3", "Text 4"], (await Api.Get($"/api/sessions/{id}/messages")).Should(200).Texts("messages", "content"));
    }

    [Fact]
    public async Task Two_spellings_of_one_id_are_one_session_and_the_other_is_reported_as_skipped()
    {
        await using var old = await LegacyServiceDatabase.Create(servers);
        await old.AddSession(UuidSession, Owner, "2025-01-01 10:00Z", "Small");
        await old.AddSession(UuidSession.ToUpperInvariant(), Owner, "2025-01-01 10:00Z", "Capital");
        await old.AddMessage("m", UuidSession, "user", "Hello", "2025-01-01 10:00Z");

        var user = Json(await Import(old)).GetProperty("users")[0];

        Assert.Equal(1L, Number(user, "sessions", "added"));
        Assert.Equal(["sessionTwice"], Warnings(user).Keys);
    }

    [Fact]
    public async Task Other_types_of_columns_are_read_and_times_without_a_zone_are_UTC()
    {
        await using var old = await LegacyServiceDatabase.Create(servers, isOther: true);
        await old.Execute($"""
            INSERT INTO chat_sessions VALUES ('{UuidSession}', 'OWNER@example.com', 'Other', E'{"{"} "b" : 1.0,\t"a":1e400 {"}"}', '2024-02-29 23:59:59.123456', NULL);
            INSERT INTO chat_messages VALUES ('0b7e6c1c-61d0-4c25-9d62-0d1f53a1c7df', '{UuidSession}', 'user', 'Hello', '[1]', 'infinity'),
                (NULL, '{UuidSession}', 'user', 'No id', NULL, '2024-03-01');
            """);

        var user = Json(await Import(old, "--user", Owner)).GetProperty("users")[0];

        Assert.Equal(["messageWithoutId", "metadataNoObject"], Warnings(user).Keys);
        var session = (await Api.Get($"/api/sessions/{UuidSession}")).Should(200);
        Assert.Equal("2024-02-29T23:59:59.123456Z", session.Text("createdAt"));
        Assert.Contains("{ \"b\" : 1.0,\t\"a\":1e400 }", session.BodyText, StringComparison.Ordinal);
        Assert.Equal("2024-02-29T23:59:59.123456Z", Assert.Single(await Messages(UuidSession)).GetProperty("timestamp").GetString());
    }

    // Three sessions of the owner: one with all kinds of values, one whose id is a UUID, one whose first message has no row.
    private async Task<LegacyServiceDatabase> Filled()
    {
        var old = await LegacyServiceDatabase.Create(servers);
        await old.AddSession(Old, "Owner@Example.com", "2025-10-13 08:06:29.640Z", new string('t', 250), "Hello", """{"model": "m-1"}""");
        await old.AddMessage("msg_2", Old, "assistant", "Answer", "2025-10-13 08:06:31Z", """{"tokens": 12}""");
        await old.AddMessage("msg_1", Old, "user", "Hello", "2025-10-13 08:06:30Z");
        await old.AddMessage("msg_3", Old, "system", "Be nice", "2025-10-13 08:06:32Z");
        await old.AddMessage("msg_4", Old, "user", "", "2025-10-13 08:06:33Z");
        await old.AddMessage("msg_5", Old, "user", new string('x', 100_001), "2025-10-13 08:06:34Z");
        await old.AddSession(UuidSession.ToUpperInvariant(), Owner, "2025-10-14 08:00Z", null, null, $$"""{"large": "{{new string('m', 20_000)}}"}""");
        const string own = """{"importedFrom": 1}""";
        await old.AddMessage("9a1f1f6e-9a58-4d5c-8f57-1c6f6bb7a001", UuidSession.ToUpperInvariant(), "user", "  What is this?", "2025-10-14 08:00Z", own);
        await old.AddMessage("'; DROP TABLE chat_messages; --", UuidSession.ToUpperInvariant(), "assistant", "A test", "2025-10-14 08:00Z", own);
        await old.AddSession("session_0", Owner, "2025-10-15 08:00Z", "Alone", "Said once");
        await old.AddSession("theirs", "stranger@example.com", "2025-10-15 08:00Z", "Theirs");
        await old.AddMessage("msg_9", "theirs", "user", "Not taken", "2025-10-15 08:00Z");
        await old.AddSession("nobodys", "\u001b[31manonymous\u202e", "2025-10-15 08:00Z");
        await old.AddMessage("msg_10", "gone", "user", "Its session is gone", "2025-10-15 08:00Z");
        return old;
    }

    private static void ShouldBeTheReport(JsonElement report)
    {
        var user = Assert.Single(report.GetProperty("users").EnumerateArray());
        Assert.Equal((3L, 3L, 0L), (Number(user, "sessions", "found"), Number(user, "sessions", "added"), Number(user, "sessions", "left")));
        Assert.Equal((8L, 5L, 3L), (Number(user, "messages", "found"), Number(user, "messages", "added"), Number(user, "messages", "left")));
        var warnings = Warnings(user);
        Assert.Equal(["otherRole", "empty", "tooLong", "titleCut", "metadataTooLarge", "noOldId"], warnings.Keys);
        Assert.Equal("msg_3", warnings["otherRole"].GetProperty("examples")[0].GetString());
        Assert.Equal(
            ["stranger@example.com notAuthorized 1 1", @"\u{1b}[31manonymous\u{202e} noAddress 1 0"],
            report.GetProperty("others").EnumerateArray().OrderByDescending(other => other.GetProperty("messages").GetInt64()).Select(other =>
                $"{other.GetProperty("user")} {other.GetProperty("reason")} {other.GetProperty("sessions")} {other.GetProperty("messages")}"));
        Assert.Equal(1, report.GetProperty("messagesWithoutSession").GetInt64());
        Assert.DoesNotContain("@", report.GetProperty("from").GetString(), StringComparison.Ordinal);
    }

    private async Task ShouldBeImported()
    {
        var sessions = (await Api.Get("/api/sessions?sortBy=createdAt&sortOrder=asc")).Should(200).Items("sessions");
        Assert.Equal(3, sessions.Count);
        var first = sessions[0];
        Assert.Equal('7', first.GetProperty("sessionId").GetString()![14]);
        Assert.Equal((new string('t', 200), 2, 3), (Text(first, "title"), first.GetProperty("messageCount").GetInt32(), first.GetProperty("version").GetInt32()));
        Assert.Equal(("2025-10-13T08:06:29.640000Z", "2025-10-13T09:06:29.640000Z"), (Text(first, "createdAt"), Text(first, "updatedAt")));
        Assert.Equal($$"""{"model": "m-1", "importedFrom": "{{Old}}"}""", first.GetProperty("metadata").GetRawText());
        var messages = await Messages(Text(first, "sessionId"));
        Assert.Equal(["1 user Hello", "2 assistant Answer"], messages.Select(Spoken));
        Assert.Equal("""{"tokens": 12, "importedFrom": "msg_2"}""", messages[1].GetProperty("metadata").GetRawText());
        Assert.Equal("2025-10-13T08:06:31.000000Z", Text(messages[1], "timestamp"));

        Assert.Equal((UuidSession, "What is this?"), (Text(sessions[1], "sessionId"), Text(sessions[1], "title")));
        Assert.Equal("{}", sessions[1].GetProperty("metadata").GetRawText());
        messages = await Messages(UuidSession);
        Assert.Equal(["1 user   What is this?", "2 assistant A test"], messages.Select(Spoken));
        Assert.Equal("9a1f1f6e-9a58-4d5c-8f57-1c6f6bb7a001", Text(messages[0], "id"));
        Assert.All(messages, message => Assert.Equal("""{"importedFrom": 1}""", message.GetProperty("metadata").GetRawText()));
        var firstMessageOnly = await Messages(Text(sessions[2], "sessionId"));
        Assert.Equal("1 user Said once 2025-10-15T08:00:00.000000Z", $"{Spoken(Assert.Single(firstMessageOnly))} {Text(firstMessageOnly[0], "timestamp")}");
    }

    private async Task ShouldBe(string id, string title, int version, params string[] texts)
    {
        var session = (await Api.Get($"/api/sessions/{id}")).Should(200);
        Assert.Equal((title, version, texts.Length), (session.Text("title"), session.Json.GetProperty("version").GetInt32(), session.Json.GetProperty("messageCount").GetInt32()));
        Assert.Equal((texts[0], texts[^1]), (session.Text("firstMessage"), session.Text("lastMessage")));
        Assert.Equal(texts, (await Messages(id)).Select(message => Text(message, "content")));
    }

    private async Task<OrionCommand.Ended> Import(LegacyServiceDatabase old, params string[] more)
    {
        var ended = (await Command(["import", "--from", old.Url, "--json", .. more])).Should(0);
        Assert.Empty(ended.Error);
        return ended;
    }

    private async Task<IReadOnlyList<JsonElement>> Messages(string session) =>
        [.. (await Api.Get($"/api/sessions/{session}/messages")).Should(200).Items("messages")];

    private async Task<long> CountMessages() =>
        long.Parse((await Orion.Database.Query("SELECT count(*) FROM messages"))[0].TrimEnd('|'), System.Globalization.CultureInfo.InvariantCulture);

    private static Dictionary<string, JsonElement> Warnings(JsonElement user) =>
        user.GetProperty("remarks").EnumerateArray().ToDictionary(warning => warning.GetProperty("remark").GetString()!);

    private static long Number(JsonElement user, string of, string which) => user.GetProperty(of).GetProperty(which).GetInt64();

    private static string Text(JsonElement of, string member) => of.GetProperty(member).GetString()!;

    private static string Spoken(JsonElement message) => $"{message.GetProperty("sequence")} {Text(message, "role")} {Text(message, "content")}";
}

[Collection(CliOnPostgres.Name)]
public sealed class LegacyImportOnPostgres(PostgresOrion orion, PostgresServers servers) : LegacyImportTests(orion, servers)
{
    private const string Secret = "hunter2-in-the-url";
    private readonly PostgresServers _servers = servers;

    // Errors in the legacy database do not depend on Orion's database.
    [Fact]
    public async Task A_database_that_is_not_the_legacy_service_is_rejected_without_showing_the_password()
    {
        await using var empty = await PostgresDatabase.Create(await _servers.Shared());
        var url = PostgresDatabase.Url(empty.Connection);
        var nowhere = $"postgresql://orion:{Secret}@127.0.0.1:1/orion";

        foreach (var (address, reason) in new[] { (url, "no table chat_"), (nowhere, "cannot be read") })
        {
            var ended = (await Command("import", "--from", address)).Should(69);
            ShouldBeOneLine(ended);
            Assert.Contains(reason, ended.Error, StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, ended.Error, StringComparison.Ordinal);
            if (empty.Password is { Length: > 0 } password) Assert.DoesNotContain(password, ended.Error, StringComparison.Ordinal);
        }
    }
}

[Collection(CliOnSqlite.Name)]
public sealed class LegacyImportOnSqlite(SqliteOrion orion, PostgresServers servers) : LegacyImportTests(orion, servers);
