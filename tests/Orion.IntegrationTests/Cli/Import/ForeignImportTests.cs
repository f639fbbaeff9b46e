using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orion.IntegrationTests.Cli.Import;

/// <summary><c>orion import --file</c> with the exports of other programs.</summary>
public abstract class ForeignImportTests(OrionFixture orion) : CommandTests(orion)
{
    private const string ByUser = "--user";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orion-import-");

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _folder.Delete(recursive: true);
        return base.DisposeAsync();
    }

    [Fact]
    public async Task An_export_of_ChatGPT_keeps_titles_times_roles_and_the_branch_that_was_shown_last_and_counts_the_rest()
    {
        var user = await ImportSample("chatgpt.json", "ChatGPT");

        Assert.Equal(
            """
            Branches 2024-03-05T16:00:00.123456Z 2024-03-05T16:01:40.500000Z
              user 2024-03-05T16:00:10.250000Z After the edit
              assistant 2024-03-05T16:00:20.000000Z Shown last
            Oddities 2024-03-06T16:00:00.000000Z 2024-03-06T16:00:07.000000Z
              user 2024-03-06T16:00:01.500000Z What is in the picture?
              assistant 2024-03-06T16:00:01.500000Z ```|x = 1|```
              user 2024-03-06T16:00:06.000000Z Spoken
              assistant 2024-03-06T16:00:07.000000Z Quoted|https://example.com/
            Two|parts 2024-03-07T16:00:01.000000Z 2024-03-07T16:00:02.000000Z archived
              user 2024-03-07T16:00:01.000000Z Two|parts
              assistant 2024-03-07T16:00:02.000000Z Newest � � 😀
            """,
            await Stored());
        Assert.Equal(
            "7/3/0/4 16/8/0/8 Empty:1 NoConversation:2 NothingToImport:2 OtherBranch:3 SystemMessage:1 ToolMessage:2 Reasoning:1 Image:2 Attachment:2 CharactersReplaced:1",
            Counts(user));
        var first = (await Api.Get("/api/sessions?sortBy=createdAt&sortOrder=asc")).Should(200).Items("sessions")[0];
        Assert.Equal(
            """{"importedFrom":{"program":"ChatGPT","id":"6f1f1a36-0000-4000-8000-000000000001"}}""", first.GetProperty("metadata").GetRawText());
    }

    [Fact]
    public async Task An_export_of_Open_WebUI_keeps_titles_times_roles_and_the_branch_that_was_shown_last_and_counts_the_rest()
    {
        var user = await ImportSample("open-webui.json", "Open WebUI");

        var stored = await Stored();
        Assert.StartsWith(
            """
            Tree 2023-11-14T22:13:20.000000Z 2023-11-14T22:13:30.000000Z archived
              user 2023-11-14T22:13:21.000000Z Question
              assistant 2023-11-14T22:13:23.000000Z Second reply
              user 2023-11-14T22:13:24.000000Z In parts
            A list 2023-11-14T22:15:00.000000Z 2023-11-14T22:15:00.000000Z
              user 2023-11-14T22:15:00.000000Z Hello
              assistant 2023-11-14T22:15:00.000000Z Hi
            Without a chat around it
            """,
            stored, StringComparison.Ordinal);
        Assert.EndsWith(" Alone", stored, StringComparison.Ordinal);
        Assert.Equal("3/3/0/0 9/6/0/3 Empty:1 NoTime:1 OtherBranch:1 SystemMessage:1 Reasoning:1 Image:2 Attachment:1", Counts(user));
    }

    [Fact]
    public async Task Exports_of_LibreChat_one_after_another_keep_titles_times_roles_and_the_last_branch_and_the_rest_is_counted()
    {
        var user = await ImportSample("librechat.json", "LibreChat");

        Assert.Equal(
            """
            Flat 2024-05-01T10:00:00.000000Z 2024-05-01T10:00:05.250000Z
              user 2024-05-01T10:00:00.000000Z Hello
              assistant 2024-05-01T10:00:05.250000Z One|Two
              user 2024-05-01T10:00:05.250000Z Without isCreatedByUser
            Nested 2024-05-02T10:00:00.000000Z 2024-05-02T10:00:00.000000Z
              user 2024-05-02T10:00:00.000000Z Root
              assistant 2024-05-02T10:00:00.000000Z Last sibling
              user 2024-05-02T10:00:00.000000Z Shown
            Flat with branches 2024-05-03T10:00:00.000000Z 2024-05-03T10:00:02.000000Z
              user 2024-05-03T10:00:00.000000Z Question
              assistant 2024-05-03T10:00:02.000000Z New
            Flat with an edited beginning 2024-05-04T10:00:01.000000Z 2024-05-04T10:00:03.000000Z
              user 2024-05-04T10:00:01.000000Z After the edit
              assistant 2024-05-04T10:00:03.000000Z Reply
            """,
            await Stored());
        Assert.Equal("4/4/0/0 15/10/0/5 OtherBranch:5 ToolMessage:1 Reasoning:1 Image:2 Attachment:1 OtherContent:1", Counts(user));
    }

    [Fact]
    public async Task A_second_import_changes_nothing_and_new_messages_are_appended_unless_the_session_was_continued_here()
    {
        var json = ChatGpt(conversations: 2, messages: 3);
        Assert.Equal("2/2/0/0 6/6/0/0", Counts(await Import(json)));
        var before = await Orion.Database.Snapshot();
        Assert.Equal("2/0/2/0 6/0/6/0", Counts(await Import(json)));
        Assert.Equal(before, await Orion.Database.Snapshot());

        var sessions = (await Api.Get("/api/sessions?sortBy=createdAt&sortOrder=asc")).Texts("sessions", "sessionId");
        await Api.Append(sessions[0], "Continued here");
        var grown = ChatGpt(conversations: 2, messages: 5);
        Assert.Equal("2/0/2/0 10/2/6/2 ContinuedHere:2", Counts(await Import(grown, "--dry-run")));
        Assert.Equal("2/0/2/0 10/2/6/2 ContinuedHere:2", Counts(await Import(grown)));

        Assert.Equal(
            ["Text 1", "Text 2", "Text 3", "Text 4", "Text 5"], (await Api.Get($"/api/sessions/{sessions[1]}/messages")).Texts("messages", "content"));
        Assert.Equal(
            ["Text 1", "Text 2", "Text 3", "Continued here"], (await Api.Get($"/api/sessions/{sessions[0]}/messages")).Texts("messages", "content"));
        await Api.Delete($"/api/sessions/{sessions[0]}");
        Assert.Equal("2/1/1/0 10/5/5/0", Counts(await Import(grown)));
    }

    [Fact]
    public async Task A_long_conversation_is_complete_and_a_long_text_is_split_between_lines()
    {
        var line = new string('a', 60_000) + "\n";
        var text = line + line + string.Concat(Enumerable.Repeat("😀", 150_000));
        var json = JsonNode.Parse(ChatGpt(conversations: 1, messages: 2500))!;
        json[0]!["mapping"]!["m7"]!["message"]!["content"]!["parts"]![0] = text;

        var user = await Import(json.ToJsonString());

        Assert.Equal("1/1/0/0 2503/2503/0/0 TextSplit:1", Counts(user));
        var export = (await Api.Get("/api/export")).Should(200).BodyText.Split('\n').Where(one => one.Contains("\"message\"", StringComparison.Ordinal))
            .Select(one => JsonDocument.Parse(one).RootElement).ToList();
        Assert.Equal(Enumerable.Range(1, 2503), export.Select(message => message.GetProperty("sequence").GetInt32()));
        var parts = export.Skip(6).Take(4).Select(message => message.GetProperty("content").GetString()!).ToList();
        Assert.Equal(text, string.Concat(parts));
        Assert.Equal((line, "Text 8"), (parts[0], export[10].GetProperty("content").GetString()));
        Assert.Equal("1/0/1/0 2503/0/2503/0 TextSplit:1", Counts(await Import(json.ToJsonString())));
    }

    [Theory]
    [InlineData("The file is cut off in conversation 3, which begins at byte ", -10)]
    [InlineData("The file is cut off after conversation 3.", -1)]
    [InlineData("The file is not valid JSON at byte ", 0)]
    public async Task A_file_that_is_cut_off_or_invalid_is_reported_with_its_position_and_everything_before_it_is_imported(string message, int cut)
    {
        var json = ChatGpt(conversations: 3, messages: 2);
        json = cut < 0 ? json[..^-cut] : json[..^1] + ",{\"mapping\":oops}]";

        var ended = (await Command("import", "--file", await Write(json), ByUser, OrionServer.Owner)).Should(1);

        ShouldBeOneLine(ended);
        Assert.StartsWith($"orion: {message}", ended.Error, StringComparison.Ordinal);
        var imported = cut is -10 ? 2 : 3;
        Assert.Contains($"Imported so far: {imported} sessions and {2 * imported} messages of {OrionServer.Owner}.", ended.Error, StringComparison.Ordinal);
        Assert.Equal(imported, (await Api.Get("/api/sessions")).Texts("sessions", "sessionId").Count);
        Assert.Equal($"3/{3 - imported}/{imported}/0 6/{6 - (2 * imported)}/{2 * imported}/0", Counts(await Import(ChatGpt(conversations: 3, messages: 2))));
    }

    [Fact]
    public async Task ChatGPTs_ZIP_file_and_standard_input_are_read()
    {
        var zip = Path.GetTempFileName();
        await using (var archive = await ZipFile.OpenAsync(zip, ZipArchiveMode.Update, TestContext.Current.CancellationToken))
        {
            foreach (var (name, text) in (IEnumerable<(string, string)>)[
                ("user.json", "{}"), ("conversations-001.json", ChatGpt(2, 1)[..^1].Replace("conversation ", "other ", StringComparison.Ordinal) + "]"),
                ("conversations-000.json", ChatGpt(2, 1))])
            {
                await using var writer = new StreamWriter(archive.CreateEntry(name).Open(), Encoding.UTF8);
                await writer.WriteAsync(text);
            }
        }

        var ended = (await Command("import", "--file", zip, ByUser, OrionServer.Owner, "--json")).Should(0);
        Assert.Equal("4/4/0/0 4/4/0/0", Counts(Json(ended).GetProperty("users")[0]));

        var process = (await OrionCommand.RunProcess(
            ["import", "--file", "-", ByUser, OrionServer.Owner, "--json"], Path.GetTempPath(), Environment(Orion.Database), ChatGpt(3, 1))).Should(0);
        Assert.Equal("3/1/2/0 3/1/2/0", Counts(Json(process).GetProperty("users")[0]));

        await using (var archive = await ZipFile.OpenAsync(zip, ZipArchiveMode.Update, TestContext.Current.CancellationToken))
        {
            foreach (var entry in archive.Entries.ToList()) entry.Delete();
            await using var writer = new StreamWriter(archive.CreateEntry("conversations.json").Open(), Encoding.UTF8);
            await writer.WriteAsync("[ ]\n");
        }

        Assert.Equal(0, Json((await Command("import", "--file", zip, "--json")).Should(0)).GetProperty("users").GetArrayLength());

        await File.WriteAllTextAsync(zip, "PK\u0003\u0004 and nothing else", TestContext.Current.CancellationToken);
        ShouldBeOneLine((await Command("import", "--file", zip, ByUser, OrionServer.Owner)).Should(1));
        File.Delete(zip);
    }

    [Fact]
    public async Task Of_a_damaged_ZIP_file_everything_before_the_damage_is_imported()
    {
        var zip = Path.Combine(_folder.FullName, "damaged.zip");
        await using (var archive = await ZipFile.OpenAsync(zip, ZipArchiveMode.Create, TestContext.Current.CancellationToken))
        {
            foreach (var n in (int[])[0, 1])
            {
                await using var writer = new StreamWriter(archive.CreateEntry($"conversations-00{n}.json").Open(), Encoding.UTF8);
                await writer.WriteAsync(ChatGpt(2, 1).Replace("conversation ", $"conversation {n}", StringComparison.Ordinal));
            }
        }

        var bytes = await File.ReadAllBytesAsync(zip, TestContext.Current.CancellationToken);
        bytes[bytes.AsSpan().LastIndexOf("PK\u0003\u0004"u8)] = 0;
        await File.WriteAllBytesAsync(zip, bytes, TestContext.Current.CancellationToken);

        var ended = (await Command("import", "--file", zip, ByUser, OrionServer.Owner)).Should(1);

        ShouldBeOneLine(ended);
        Assert.StartsWith("orion: The ZIP file is damaged or cut off.", ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Api.Get("/api/sessions")).Texts("sessions", "sessionId").Count);
    }

    [Fact]
    public async Task An_item_with_a_member_name_that_is_not_valid_Unicode_is_skipped()
    {
        var user = await Import(ChatGpt(1, 1)[..^1] + """,{"id":"x","\ud800aaaa":1}]""");

        Assert.Contains("NoConversation:1", Counts(user), StringComparison.Ordinal);
        Assert.Single((await Api.Get("/api/sessions")).Texts("sessions", "sessionId"));
    }

    [Fact]
    public async Task An_empty_list_is_an_empty_export()
    {
        var ended = (await Command("import", "--file", await Write("\uFEFF[\n]\n"))).Should(0);
        Assert.EndsWith("The file has no sessions.", ended.Out.TrimEnd(), StringComparison.Ordinal);
        (await Command("import", "--file", await Write("[][{}]"))).Should(1);
    }

    [Fact]
    public async Task With_several_users_the_user_must_be_named_and_gets_the_sessions()
    {
        var json = ChatGpt(conversations: 1, messages: 1);
        var before = await Orion.Database.Snapshot();

        var unnamed = (await Command("import", "--file", await Write(json))).Should(1);
        ShouldBeOneLine(unnamed);
        Assert.Contains("--user", unnamed.Error, StringComparison.Ordinal);
        ShouldBeOneLine((await Command("import", "--file", await Write(json), ByUser, "stranger@example.com")).Should(1));
        Assert.Equal(before, await Orion.Database.Snapshot());

        (await Command("import", "--file", await Write(json), ByUser, OrionFixture.Friend)).Should(0);
        Assert.Empty((await Api.Get("/api/sessions")).Texts("sessions", "sessionId"));
        Assert.Single((await Friend.Get("/api/sessions")).Texts("sessions", "sessionId"));
    }

    [Fact]
    public async Task A_dry_run_reports_the_same_and_writes_nothing()
    {
        var before = await Orion.Database.Snapshot();

        var planned = await ImportSample("chatgpt.json", "ChatGPT", "--dry-run");

        Assert.Equal(before, await Orion.Database.Snapshot());
        Assert.Equal(Counts(planned), Counts(await ImportSample("chatgpt.json", "ChatGPT")));
        var text = (await Command("import", "--file", Sample("chatgpt.json"), ByUser, OrionServer.Owner)).Should(0).Out;
        Assert.Contains("Imported from ChatGPT into ", text, StringComparison.Ordinal);
        Assert.Contains("  2 images left out (6f1f1a36-0000-4000-8000-000000000002", text, StringComparison.Ordinal);
    }

    private static string Sample(string name) => Path.Combine(AppContext.BaseDirectory, "Cli", "Import", "Samples", name);

    private async Task<JsonElement> ImportSample(string name, string program, params string[] more)
    {
        var report = Json((await Command(["import", "--file", Sample(name), ByUser, OrionServer.Owner, "--json", .. more])).Should(0));
        Assert.Equal(program, report.GetProperty("from").GetString());
        return report.GetProperty("users")[0];
    }

    private async Task<JsonElement> Import(string json, params string[] more) =>
        Json((await Command(["import", "--file", await Write(json), ByUser, OrionServer.Owner, "--json", .. more])).Should(0)).GetProperty("users")[0];

    private async Task<string> Write(string json)
    {
        var file = Path.Combine(_folder.FullName, "export.json");
        await File.WriteAllTextAsync(file, json, TestContext.Current.CancellationToken);
        return file;
    }

    // Found, added, existing and skipped sessions and messages, and the remarks.
    private static string Counts(JsonElement user)
    {
        return string.Join(' ', [
            Numbers("sessions"), Numbers("messages"),
            .. user.GetProperty("remarks").EnumerateArray().Select(remark =>
                $"{Upper(remark.GetProperty("remark").GetString()!)}:{remark.GetProperty("count").GetInt64()}")]);

        string Numbers(string what) => string.Join('/', ((string[])["found", "added", "wereHere", "left"]).Select(name => user.GetProperty(what).GetProperty(name).GetInt64()));

        static string Upper(string name) => char.ToUpperInvariant(name[0]) + name[1..];
    }

    // All sessions of the owner, oldest first, with their messages.
    private async Task<string> Stored()
    {
        var text = new StringBuilder();
        foreach (var session in (await Api.Get("/api/sessions?archived=any&sortBy=createdAt&sortOrder=asc")).Should(200).Items("sessions"))
        {
            text.Append(OneLine(session, "title")).Append(' ').Append(OneLine(session, "createdAt")).Append(' ').Append(OneLine(session, "updatedAt"))
                .Append(session.TryGetProperty("archivedAt", out _) ? " archived" : "").Append('\n');
            foreach (var message in (await Api.Get($"/api/sessions/{OneLine(session, "sessionId")}/messages")).Should(200).Items("messages"))
                text.Append("  ").Append(OneLine(message, "role")).Append(' ').Append(OneLine(message, "timestamp")).Append(' ').Append(OneLine(message, "content")).Append('\n');
        }

        return text.ToString().TrimEnd();

        static string OneLine(JsonElement element, string name) => element.GetProperty(name).GetString()!.Replace('\n', '|');
    }

    // conversations.json with linear conversations.
    private static string ChatGpt(int conversations, int messages) => JsonSerializer.Serialize(Enumerable.Range(1, conversations).Select(c => new
    {
        title = $"Conversation {c}",
        create_time = 1_700_000_000.5 + c,
        mapping = Enumerable.Range(1, messages).ToDictionary(n => $"m{n}", n => new
        {
            parent = n == 1 ? null : $"m{n - 1}",
            message = new
            {
                author = new { role = n % 2 == 1 ? "user" : "assistant" },
                create_time = 1_700_000_000.5 + c + (n / 1000.0),
                content = new { content_type = "text", parts = new[] { $"Text {n}" } },
            },
        }),
        current_node = $"m{messages}",
        conversation_id = $"conversation {c}",
    }));
}

[Collection(CliOnPostgres.Name)]
public sealed class ForeignImportOnPostgres(PostgresOrion orion) : ForeignImportTests(orion);

[Collection(CliOnSqlite.Name)]
public sealed class ForeignImportOnSqlite(SqliteOrion orion) : ForeignImportTests(orion);
