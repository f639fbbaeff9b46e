using Orion.Application.Replies;
using Orion.Domain.Replies;

namespace Orion.IntegrationTests.Legacy;

/// <summary><c>POST /api/chat-stream-v2</c>: contract, section 8.</summary>
public abstract class LegacyChat(OrionFixture orion) : OrionTests(orion)
{
    private const string Path = "/api/chat-stream-v2";
    private const string Status = "data: {\"type\":\"status\",\"text\":\"Thinking...\"}\n\n";
    private const string Done = "data: {\"type\":\"done\"}\n\n";

    [Fact]
    public async Task The_events_are_byte_for_byte_what_the_frontend_reads()
    {
        Server.Model.TakeCalls();
        var before = await Orion.Database.Snapshot();
        using var stream = await Open(new { message = "Hello", userId = OrionServer.Owner, sessionId = "any text", other = new { a = 1 } });
        var call = await Server.Model.NextCall();
        Assert.Equal("test-large", call.Model);
        Assert.Equal([new ModelMessage(ModelRole.User, "Hello")], call.Messages);

        call.Think("Not sent.").Write("One ");
        await stream.Until("content");
        call.Write("two\n\nthree\u2028\u0085\"\\\n\nfour\r\n\r\nfive\0").Finish();
        await stream.ToEnd();

        Assert.Equal(
            Status
            + """data: {"type":"content","text":"One "}""" + "\n\n"
            + """data: {"type":"content","text":"two\n\nthree\u2028\u0085\u0022\\\n"}""".Replace("\\u0022", "\\\"", StringComparison.Ordinal) + "\n\n"
            + """data: {"type":"content","text":"\nfour\r\n"}""" + "\n\n"
            + """data: {"type":"content","text":"\r\nfive""" + "\ufffd" + "\"}\n\n"
            + Done,
            stream.Received);
        Assert.Equal("text/event-stream", stream.Header("Content-Type"));
        Assert.Equal("no-store, no-transform", stream.Header("Cache-Control"));
        Assert.Equal("no", stream.Header("X-Accel-Buffering"));
        Assert.Null(stream.Header("x-vercel-ai-ui-message-stream"));
        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Fact]
    public async Task The_newest_50_messages_of_the_history_are_given_to_the_model()
    {
        Server.Model.TakeCalls();
        object[] history =
        [
            .. Enumerable.Range(0, 60).Select(n => new { role = n % 2 == 0 ? "user" : "assistant", content = $"{n}", id = n }),
            new { role = "system", content = "Obey" }, new { role = "user" }, new { role = "user", content = "" }, new { role = "tool", content = 7 },
            new { role = "user", content = (string?)null }, 7, "text", new[] { 1 }, new { },
        ];
        using var stream = await Open(new { message = "Last", conversationHistory = history });

        var call = await Server.Model.NextCall();
        call.Finish();
        await stream.ToEnd();

        Assert.Equal([.. Enumerable.Range(10, 50).Select(n => $"{n}"), "Last"], call.Messages.Select(message => message.Text));
        Assert.Equal((ModelRole.User, ModelRole.Assistant), (call.Messages[0].Role, call.Messages[1].Role));
        Assert.Equal(Status + Done, stream.Received);
    }

    [Fact]
    public async Task What_the_model_is_given_begins_with_a_message_of_the_user_and_fits()
    {
        Server.Model.TakeCalls();
        object[] history =
        [
            new { role = "user", content = new string('a', 60_000) }, new { role = "assistant", content = "Short" },
            new { role = "user", content = new string('b', 40_000) }, new { role = "assistant", content = "Fits" },
        ];
        using var stream = await Open(new { message = new string('c', 50_000), conversationHistory = history });

        var call = await Server.Model.NextCall();
        call.Finish();

        Assert.Equal(["b", "F", "c"], call.Messages.Select(message => message.Text[..1]));
    }

    [Theory]
    [InlineData(ModelFailure.Refused)]
    [InlineData(ModelFailure.Busy)]
    [InlineData(ModelFailure.Timeout)]
    [InlineData(ModelFailure.Unavailable)]
    public async Task A_failure_is_an_error_its_words_as_content_and_done(ModelFailure failure)
    {
        Server.Model.TakeCalls();
        using var stream = await Open(new { message = "Hello" });
        (await Server.Model.NextCall()).Fail(failure);
        await stream.ToEnd();

        var words = failure.ToText();
        Assert.Equal(
            $$"""{{Status}}data: {"type":"error","message":"{{words}}"}""" + "\n\n" + $$"""data: {"type":"content","text":"{{words}}"}""" + "\n\n" + Done,
            stream.Received);
    }

    [Fact]
    public async Task A_reply_that_takes_longer_than_REPLY_MAX_SECONDS_ends_with_an_error()
    {
        await using var server = await OrionServer.Start(Orion.Database, ("REPLY_MAX_SECONDS", "1"));
        server.Model.TakeCalls();
        using var stream = await server.Api.Open(HttpMethod.Post, Path, new { message = "Hello" });
        var call = await server.Model.NextCall();
        call.Write("Part");
        await stream.ToEnd();

        const string Words = "The model took too long. Try again.";
        Assert.Equal(
            Status + """data: {"type":"content","text":"Part"}""" + "\n\n"
            + $$"""data: {"type":"error","message":"{{Words}}"}""" + "\n\n" + $$"""data: {"type":"content","text":"{{Words}}"}""" + "\n\n" + Done,
            stream.Received);
        await Eventually.Until(() => call.HasEnded, "The model's call goes on.");
    }

    [Fact]
    public async Task The_reader_leaving_ends_the_call_of_the_model()
    {
        Server.Model.TakeCalls();
        var stream = await Open(new { message = "Hello" });
        var call = await Server.Model.NextCall();
        call.Write("Part");
        await stream.Until("content");

        stream.Dispose();

        await Eventually.Until(() => call.HasEnded, "The model's call goes on.");
    }

    [Fact]
    [OneInstance("Each instance counts the replies of this route itself.")]
    public async Task It_counts_as_a_running_reply()
    {
        Server.Model.TakeCalls();
        var streams = new List<EventStreamReader>();
        for (var n = 0; n < 4; n++) streams.Add(await Open(new { message = "Hello" }));
        var session = await Api.Create();

        Assert.Null((await Api.Post(Path, new { message = "Hello" })).ShouldBeProblem(429, "too_many_replies").Header("Retry-After"));
        (await Api.Post($"/api/sessions/{session}/replies", new { content = "Hello" })).ShouldBeProblem(429, "too_many_replies");
        (await Friend.Open(HttpMethod.Post, Path, new { message = "Hello" })).Dispose();

        streams[0].Dispose();
        await Eventually.Until(
            async () => (await Api.Post($"/api/sessions/{session}/replies", new { content = "Hello" })).Status == 201, "The slot is not free.");
        foreach (var stream in streams) stream.Dispose();
    }

    [Fact]
    public async Task Revoking_the_callers_tokens_cuts_the_stream()
    {
        await Orion.Authorize("going@example.com");
        var user = Server.As("going@example.com");
        Server.Model.TakeCalls();
        using var stream = await user.Open(HttpMethod.Post, Path, new { message = "Hello" });
        var call = await Server.Model.NextCall();

        (await user.Post("/api/tokens/revoke", null)).Should(204);

        await Assert.ThrowsAnyAsync<IOException>(stream.ToEnd);
        Assert.DoesNotContain("done", stream.Received, StringComparison.Ordinal);
        await Eventually.Until(() => call.HasEnded, "The model's call goes on.");
    }

    [Fact]
    public async Task Invalid_requests_are_rejected()
    {
        (await Api.Post(Path, "{}")).ShouldBeProblem(400, "validation_failed", "message");
        (await Api.Post(Path, """{"message":""}""")).ShouldBeProblem(400, "validation_failed", "message");
        (await Api.Post(Path, """{"message":"x","conversationHistory":{}}""")).ShouldBeProblem(400, "validation_failed", "conversationHistory");
        (await Api.Post(Path, """{"message":"x","conversationHistory":[{"role":"user","content":"\ud800"}]}"""))
            .ShouldBeProblem(400, "validation_failed", "conversationHistory");
        (await Api.Post(Path, """{"message":"x","userId":"someone@example.com"}""")).ShouldBeProblem(403, "user_mismatch");
        (await Api.Post($"{Path}?userId=someone@example.com", """{"message":"x"}""")).ShouldBeProblem(403, "user_mismatch");
        (await Api.Post(Path, """{"message":"x","userId":7}""")).ShouldBeProblem(400, "validation_failed", "userId");
        (await Api.Post(Path, """{"message":"x","userId":"","sessionId":7,"conversationHistory":null}""")).Should(200);
    }

    private Task<EventStreamReader> Open(object body) => Api.Open(HttpMethod.Post, Path, body);
}

[Collection(OnPostgres.Name)]
public sealed class LegacyChatOnPostgres(PostgresOrion orion) : LegacyChat(orion);

[Collection(OnSqlite.Name)]
public sealed class LegacyChatOnSqlite(SqliteOrion orion) : LegacyChat(orion);
