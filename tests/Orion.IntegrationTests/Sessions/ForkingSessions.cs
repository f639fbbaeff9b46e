using System.Globalization;
using System.Text.Json;

namespace Orion.IntegrationTests.Sessions;

/// <summary><c>POST /api/sessions/{sessionId}/forks</c>: contract, section 9.</summary>
public abstract class ForkingSessions(OrionFixture orion) : OrionTests(orion)
{
    private const string Metadata = """{"b" : [1.50, 1e5], "a":"\u00e9 😀"}""";

    [Fact]
    public async Task A_fork_has_copies_of_the_first_messages_and_the_original_does_not_change()
    {
        var original = await Conversation("One 😀", "Two", "Three");
        var before = await Read(original);

        var response = (await Api.Post($"/api/sessions/{original}/forks", new { throughSequence = 2 })).Should(201);

        var fork = response.Text("sessionId");
        ResponseShape.IsSession(response.Json);
        Assert.Equal($"/api/sessions/{fork}", response.Header("Location"));
        Assert.Equal("\"1\"", response.Header("ETag"));
        Assert.Equal(response.BodyText, (await Api.Get($"/api/sessions/{fork}")).BodyText);
        Assert.Equal(("Stars", "One 😀", "Two", 2), Summary(response.Json));
        Assert.Equal($$$"""{"forkedFrom":{"sessionId":"{{{original}}}","sequence":2}}""", response.Json.GetProperty("metadata").GetRawText());
        Assert.Equal(response.Text("createdAt"), response.Text("updatedAt"));
        Assert.Equal(before, await Read(original));

        var copies = (await Api.Get($"/api/sessions/{fork}/messages")).Should(200).Items("messages");
        var originals = (await Api.Get($"/api/sessions/{original}/messages")).Items("messages");
        Assert.Equal(2, copies.Count);
        foreach (var (copy, source) in copies.Zip(originals))
        {
            ResponseShape.IsMessage(copy);
            Assert.Equal(fork, copy.GetProperty("sessionId").GetString());
            Assert.NotEqual(source.GetProperty("id").GetString(), copy.GetProperty("id").GetString());
            foreach (var member in (string[])["sequence", "role", "content", "timestamp", "metadata"])
                Assert.Equal(source.GetProperty(member).GetRawText(), copy.GetProperty(member).GetRawText());
            Assert.Equal(copy.GetRawText(), (await Api.Get($"/api/sessions/{fork}/messages/{copy.GetProperty("id").GetString()}")).Should(200).BodyText);
        }

        // Both go on separately.
        Assert.Equal(3, (await Api.Append(fork, "Another")).GetProperty("sequence").GetInt32());
        Assert.Equal(4, (await Api.Append(original, "Four")).GetProperty("sequence").GetInt32());
        Assert.Equal(["One 😀", "Two", "Another"], (await Api.Get($"/api/sessions/{fork}/messages")).Texts("messages", "content"));
        (await Api.Delete($"/api/sessions/{original}")).Should(204);
        Assert.Equal(3, (await Api.Session(fork)).GetProperty("messageCount").GetInt32());
    }

    [Fact]
    public async Task By_default_all_messages_are_copied_and_a_given_title_replaces_the_originals()
    {
        var original = await Conversation("One", "Two", "Three");

        var all = (await Api.Post($"/api/sessions/{original}/forks", """{"throughSequence":null,"title":null}""")).Should(201);
        Assert.Equal(("Stars", "One", "Three", 3), Summary(all.Json));
        var titled = (await Api.Post($"/api/sessions/{original}/forks", new { title = "Planets", throughSequence = 1 })).Should(201);
        Assert.Equal(("Planets", "One", "One", 1), Summary(titled.Json));

        // A fork of a fork names the fork.
        var again = (await Api.Post($"/api/sessions/{titled.Text("sessionId")}/forks", "{}")).Should(201);
        Assert.Equal(titled.Text("sessionId"), again.Json.GetProperty("metadata").GetProperty("forkedFrom").GetProperty("sessionId").GetString());
    }

    [Fact]
    public async Task A_fork_of_an_empty_session_is_empty_and_named_by_its_first_message()
    {
        var original = await Api.Create();

        var fork = (await Api.Post($"/api/sessions/{original}/forks", "{}")).Should(201);

        Assert.Equal(("New Chat", "", "", 0), Summary(fork.Json));
        Assert.Equal(0, fork.Json.GetProperty("metadata").GetProperty("forkedFrom").GetProperty("sequence").GetInt32());
        await Api.Append(fork.Text("sessionId"), "How far is the moon?");
        Assert.Equal("How far is the moon?", (await Api.Session(fork.Text("sessionId"))).GetProperty("title").GetString());
        Assert.Equal("New Chat", (await Api.Session(original)).GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("""{"throughSequence":0}""", "validation_failed", "throughSequence")]
    [InlineData("""{"throughSequence":-1}""", "validation_failed", "throughSequence")]
    [InlineData("""{"throughSequence":4}""", "validation_failed", "throughSequence")]
    [InlineData("""{"throughSequence":1.5}""", "validation_failed", "throughSequence")]
    [InlineData("""{"throughSequence":"1"}""", "validation_failed", "throughSequence")]
    [InlineData("""{"throughSequence":99999999999}""", "validation_failed", "throughSequence")]
    [InlineData("""{"title":" "}""", "validation_failed", "title")]
    [InlineData("""{"metadata":{}}""", "unknown_member", "metadata")]
    [InlineData("""{"messageId":"x"}""", "unknown_member", "messageId")]
    public async Task An_invalid_fork_creates_nothing(string body, string error, string field)
    {
        var original = await Conversation("One", "Two", "Three");

        (await ChangesNothing(() => Api.Post($"/api/sessions/{original}/forks", body))).ShouldBeProblem(400, error, field);
    }

    [Fact]
    public async Task An_archived_session_can_be_forked_and_the_fork_of_a_temporary_one_expires_with_it()
    {
        var original = await Conversation("One");
        var expiresAt = (Server.Clock.GetUtcNow() + TimeSpan.FromDays(1)).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        (await Api.Patch($"/api/sessions/{original}", new { archived = true, expiresAt })).Should(200);

        var fork = (await Api.Post($"/api/sessions/{original}/forks", "{}")).Should(201);

        ResponseShape.IsSession(fork.Json, expires: true);
        Assert.Equal(expiresAt, fork.Text("expiresAt"));
        await Api.Append(fork.Text("sessionId"), "Two");
    }

    [Fact]
    public async Task A_reply_that_is_running_is_not_copied_and_goes_on()
    {
        Server.Model.TakeCalls();
        var original = await Api.Create(new { title = "Stars" });
        using var stream = await Api.OpenReply(original, new { content = "Hello" });
        var call = await Server.Model.NextCall();
        call.Write("Half");
        await stream.Until("text-delta");

        var fork = (await Api.Post($"/api/sessions/{original}/forks", "{}")).Should(201);
        call.Write(" and the rest").Finish();
        await stream.ToEnd();

        Assert.Equal(["Hello"], (await Api.Get($"/api/sessions/{fork.Text("sessionId")}/messages")).Texts("messages", "content"));
        Assert.Equal(["Hello", "Half and the rest"], (await Api.Get($"/api/sessions/{original}/messages")).Texts("messages", "content"));
        // The fork is asked again, independently.
        (await Api.Post($"/api/sessions/{fork.Text("sessionId")}/replies", "{}")).Should(201);
    }

    [Fact]
    public async Task A_fork_copies_10000_messages_and_not_one_more()
    {
        var original = await Api.Create(new { firstMessage = "First" });
        await Fill(original, 10_001, "'Text ' || i");

        (await ChangesNothing(() => Api.Post($"/api/sessions/{original}/forks", "{}"))).ShouldBeProblem(413, "payload_too_large");
        var fork = (await Api.Post($"/api/sessions/{original}/forks", new { throughSequence = 10_000 })).Should(201);

        Assert.Equal(("First", "First", "Text 10000", 10_000), Summary(fork.Json));
        Assert.Equal(["10000|10000|10000|"], await Orion.Database.Query(
            "SELECT count(*), count(DISTINCT id), max(sequence) FROM messages WHERE session_id = @p0", Orion.Database.Id(Guid.Parse(fork.Text("sessionId")))));
    }

    [Fact]
    public async Task A_fork_copies_64_MiB_and_not_more()
    {
        // The first message and 671 of 100,000 bytes fit into 64 MiB, and one more does not.
        const int count = 672;
        var original = await Api.Create(new { firstMessage = "First" });
        await Fill(original, count + 1, Orion.Database.System == "postgresql" ? "repeat('x', 100000)" : "replace(hex(zeroblob(50000)), '00', 'xx')");

        (await Api.Post($"/api/sessions/{original}/forks", "{}")).ShouldBeProblem(413, "payload_too_large");
        Assert.Equal([original], (await Api.Get("/api/sessions")).Texts("sessions", "sessionId"));

        var fork = (await Api.Post($"/api/sessions/{original}/forks", new { throughSequence = count })).Should(201);
        Assert.Equal(count, fork.Json.GetProperty("messageCount").GetInt32());
        Assert.Equal(1000, fork.Text("lastMessage").Length);
    }

    [Fact]
    public async Task What_a_fork_copied_is_found_in_it_and_in_the_original_when_its_response_has_come()
    {
        var original = await Conversation("A walrus", "Two walruses", "Three walruses");

        var fork = (await Api.Post($"/api/sessions/{original}/forks", new { throughSequence = 2 })).Should(201).Text("sessionId");

        var found = (await Api.Get("/api/search?q=walrus")).Should(200);
        Assert.False(found.Json.TryGetProperty("indexing", out _));
        Assert.Equal(
            [(original, 1), (original, 2), (original, 3), (fork, 1), (fork, 2)],
            found.Items("results")
                .Select(result => (result.GetProperty("session").GetProperty("sessionId").GetString()!, result.GetProperty("message").GetProperty("sequence").GetInt32()))
                .OrderBy(result => result.Item1 == fork).ThenBy(result => result.Item2));
        await Api.Append(fork, "Another walrus");
        Assert.Equal(3, (await Api.Get($"/api/search?q=walrus&sessionId={fork}")).Should(200).Json.GetProperty("count").GetInt32());
        (await Api.Delete($"/api/sessions/{original}")).Should(204);
        Assert.Equal(3, (await Api.Get("/api/search?q=walrus")).Should(200).Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Concurrent_appends_and_forks_give_whole_copies()
    {
        var original = await Conversation("One");

        var forks = await Task.WhenAll(Enumerable.Range(0, 10).Select(async n =>
        {
            await Api.Append(original, $"Message {n}");
            return (await Api.Post($"/api/sessions/{original}/forks", "{}")).Should(201);
        }));

        foreach (var fork in forks)
        {
            var messages = (await Api.Get($"/api/sessions/{fork.Text("sessionId")}/messages")).Items("messages");
            Assert.Equal(fork.Json.GetProperty("messageCount").GetInt32(), messages.Count);
            Assert.Equal(Enumerable.Range(1, messages.Count), messages.Select(message => message.GetProperty("sequence").GetInt32()));
            Assert.Equal(fork.Text("lastMessage"), messages[^1].GetProperty("content").GetString());
        }
    }

    [Fact]
    public async Task A_session_that_is_erased_while_it_is_forked_leaves_nothing()
    {
        if (Orion.Database.System != "postgresql") return;
        var original = await Conversation("Secret");

        Task<ApiResponse> forking;
        await using (var holder = await Orion.Database.Hold(original))
        {
            forking = Api.Post($"/api/sessions/{original}/forks", "{}");
            await Eventually.Until(async () => await RowLock.Waiting((PostgresDatabase)Orion.Database) == 1, "The fork does not wait.");
            await using var deletion = holder.CreateCommand();
            deletion.CommandText = "DELETE FROM sessions; COMMIT";
            await deletion.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        (await forking).ShouldBeProblem(404, "session_not_found");
        Assert.Equal(["0|0|"], await Orion.Database.Query("SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM messages)"));
    }

    private static (string? Title, string? First, string? Last, int Count) Summary(JsonElement session) => (
        session.GetProperty("title").GetString(), session.GetProperty("firstMessage").GetString(), session.GetProperty("lastMessage").GetString(),
        session.GetProperty("messageCount").GetInt32());

    private async Task<string> Conversation(params string[] texts)
    {
        var id = await Api.Create(new { title = "Stars", metadata = new { mine = 1 } });
        for (var n = 0; n < texts.Length; n++)
        {
            (await Api.Post(
                $"/api/sessions/{id}/messages",
                $$"""{"role":"{{(n % 2 == 0 ? "user" : "assistant")}}","content":{{JsonSerializer.Serialize(texts[n])}},"metadata":{{Metadata}}}""")).Should(201);
        }

        return id;
    }

    private async Task<string> Read(string session) =>
        (await Api.Get($"/api/sessions/{session}")).Should(200).BodyText + (await Api.Get($"/api/sessions/{session}/messages")).Should(200).BodyText;

    /// <summary>Adds messages directly, up to that sequence.</summary>
    protected async Task Fill(string session, int count, string content)
    {
        var isPostgres = Orion.Database.System == "postgresql";
        var id = isPostgres ? "gen_random_uuid()" : "upper(hex(randomblob(4)) || '-0000-4000-8000-' || hex(randomblob(6)))";
        await Orion.Database.Execute(
            $"""
            WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
            INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
            SELECT owner_id, session_id, i, {id}, 'user', {content}, metadata, created_at FROM n, messages WHERE session_id = @p0 AND sequence = 1
            """,
            Orion.Database.Id(Guid.Parse(session)));
        await Orion.Database.Execute("UPDATE sessions SET message_count = @p0 WHERE id = @p1", count, Orion.Database.Id(Guid.Parse(session)));
    }
}

[Collection(OnPostgres.Name)]
public sealed class ForkingSessionsOnPostgres(PostgresOrion orion) : ForkingSessions(orion);

[Collection(OnSqlite.Name)]
public sealed class ForkingSessionsOnSqlite(SqliteOrion orion) : ForkingSessions(orion)
{
    [Fact]
    public async Task Other_writes_do_not_wait_until_the_copies_are_indexed()
    {
        var (original, other) = (await Api.Create(new { firstMessage = "First" }), await Api.Create());
        await Fill(original, 5_000, "'walrus ' || i");

        var forking = Api.Post($"/api/sessions/{original}/forks", "{}");
        await Eventually.Until(async () => await Orion.Database.Query("SELECT 1 FROM sessions WHERE message_count = 5000") is { Count: 2 }, "There is no fork.");
        await Api.Append(other, "Hello");
        Assert.False(forking.IsCompleted);

        var fork = (await forking).Should(201).Text("sessionId");
        Assert.Equal(1, (await Api.Get($"/api/search?q=5000&sessionId={fork}")).Should(200).Json.GetProperty("count").GetInt32());
        Assert.False((await Api.Get("/api/search?q=walrus")).Should(200).Json.TryGetProperty("indexing", out _));
    }

    [Fact]
    public async Task A_fork_whose_copies_cannot_be_indexed_is_created_and_indexed_later()
    {
        await using var database = await Orion.CreateDatabase();
        string fork;
        await using (var server = await OrionServer.Start(database))
        {
            var original = await server.Api.Create(new { firstMessage = "A walrus" });
            await database.Execute("CREATE TRIGGER reject BEFORE INSERT ON search_documents WHEN NEW.sequence > 0 BEGIN SELECT RAISE(ABORT, 'rejected'); END");
            fork = (await server.Api.Post($"/api/sessions/{original}/forks", "{}", ("Idempotency-Key", "once"))).Should(201).Text("sessionId");
            await database.Execute("DROP TRIGGER reject");

            var found = (await server.Api.Get("/api/search?q=walrus")).Should(200);
            Assert.Equal(1, found.Json.GetProperty("count").GetInt32());
            Assert.True(found.Json.GetProperty("indexing").GetBoolean());
            Assert.Equal(fork, (await server.Api.Post($"/api/sessions/{original}/forks", "{}", ("Idempotency-Key", "once"))).Should(201).Text("sessionId"));
        }

        await using (var server = await OrionServer.Start(database))
        {
            await Eventually.Until(
                async () => (await server.Api.Get($"/api/search?q=walrus&sessionId={fork}")).Should(200).Json.GetProperty("count").GetInt32() == 1, "It is not indexed.");
        }
    }
}
