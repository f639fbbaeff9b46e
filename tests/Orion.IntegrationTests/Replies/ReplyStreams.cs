using System.Text.Json;
using Orion.Domain.Replies;

namespace Orion.IntegrationTests.Replies;

/// <summary>The streams of replies: contract, section 8.</summary>
public abstract class ReplyStreams(OrionFixture orion) : OrionTests(orion)
{
    [Fact]
    public async Task The_stream_has_the_format_of_the_AI_SDK_byte_for_byte()
    {
        var (session, call, stream) = await Begin();
        var start = (await stream.Next())!.Json;
        var (message, reply) = (start.GetProperty("messageId").GetString(), start.GetProperty("messageMetadata").GetProperty("replyId").GetString());
        call.Think("Hm.");
        await stream.Until("reasoning-delta");
        call.Write("One\r\n\n\u2028 \"two\" 😀");
        await stream.Until("text-delta");
        call.Finish();
        await stream.ToEnd();

        var text = stream.Received;
        var delta = text.Split('\n').Single(line => line.Contains("\"text-delta\"", StringComparison.Ordinal))["data: ".Length..];
        Assert.Equal("One\r\n\n\u2028 \"two\" 😀", JsonDocument.Parse(delta).RootElement.GetProperty("delta").GetString());
        Assert.Equal(
            $$$"""
            id: 1
            data: {"type":"start","messageId":"{{{message}}}","messageMetadata":{"replyId":"{{{reply}}}","model":"test-large"}}

            id: 2
            data: {"type":"reasoning-start","id":"1"}

            id: 3
            data: {"type":"reasoning-delta","id":"1","delta":"Hm."}

            id: 4
            data: {"type":"reasoning-end","id":"1"}

            id: 5
            data: {"type":"text-start","id":"2"}

            id: 6
            data: {{{delta}}}

            id: 7
            data: {"type":"text-end","id":"2"}

            id: 8
            data: {"type":"finish","finishReason":"stop"}

            data: [DONE]


            """.ReplaceLineEndings("\n"),
            text);
        Assert.Equal("text/event-stream", stream.Header("Content-Type"));
        Assert.Equal("no-store, no-transform", stream.Header("Cache-Control"));
        Assert.Equal("no", stream.Header("X-Accel-Buffering"));
        Assert.Equal("v1", stream.Header("x-vercel-ai-ui-message-stream"));
        Assert.Equal($"/api/sessions/{session}/replies/{reply}", stream.Header("Location"));
        Assert.Null(stream.Header("Idempotency-Replayed"));
        SecurityHeaderAssertions.ShouldBeOn(await Api.Head(stream.Header("Location")!, ("Accept", "text/event-stream")));
    }

    [Fact]
    public async Task The_headers_and_the_first_event_come_before_the_model_writes()
    {
        var (_, call, stream) = await Begin();

        Assert.Equal("start", (await stream.Next())!.Type);

        call.Finish();
        Assert.Equal(["finish", null], (await stream.ToEnd()).Select(one => one.Type));
    }

    [Fact]
    public async Task A_reply_goes_on_when_its_reader_leaves()
    {
        var (session, call, stream) = await Begin();
        call.Write("Before");
        await stream.Until("text-delta");

        stream.Dispose();
        call.Write(" and after.").Finish();

        var reply = await Ended(session, stream);
        Assert.Equal(("completed", "Before and after."), (reply.Text("status"), reply.Text("text")));
        var messages = await Api.Get($"/api/sessions/{session}/messages");
        Assert.Equal(["Hello", "Before and after."], messages.Texts("messages", "content"));
        Assert.Equal(reply.Text("messageId"), messages.Texts("messages", "id")[1]);
    }

    [Fact]
    public async Task Each_event_can_be_the_last_one_before_a_stream_continues()
    {
        var (session, call, stream) = await Begin();
        call.Write("One ");
        await stream.Until("text-delta");
        call.Write("two").Finish();
        await stream.ToEnd();
        var blocks = stream.Received.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        var path = stream.Header("Location")!;
        await Ended(session, stream);

        for (var last = 0; last < blocks.Length; last++)
        {
            using var rest = last == 0 ? await Api.Open(HttpMethod.Get, path) : await Api.Open(HttpMethod.Get, path, null, ("Last-Event-ID", $"{last}"));
            await rest.ToEnd();
            Assert.Equal(string.Concat(blocks[last..].Select(block => block + "\n\n")), rest.Received);
        }

        using var empty = await Api.Open(HttpMethod.Get, path, null, ("Last-Event-ID", ""));
        await empty.ToEnd();
        Assert.Equal(stream.Received, empty.Received);
    }

    [Fact]
    public async Task A_running_stream_continues_behind_the_last_event()
    {
        var (_, call, stream) = await Begin();
        call.Write("One ");
        var last = await stream.Until("text-delta");

        using var rest = await Api.Open(HttpMethod.Get, stream.Header("Location")!, null, ("Last-Event-ID", $"{last.Id}"));
        call.Write("two").Finish();

        var events = await rest.ToEnd();
        Assert.Equal(last.Id + 1, events[0].Id);
        Assert.Equal("two", events[0].Json.GetProperty("delta").GetString());
        Assert.Equal("[DONE]", events[^1].Data);
    }

    [Theory]
    [InlineData("9")]
    [InlineData("2147483647")]
    [InlineData("2147483648")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("01")]
    [InlineData("1.0")]
    [InlineData("1, 2")]
    [InlineData("one")]
    public async Task An_event_that_the_reply_never_sent_is_rejected(string id)
    {
        var (session, call, stream) = await Begin();
        var path = stream.Header("Location")!;
        (string, string)[] headers = [("Accept", "text/event-stream"), ("Last-Event-ID", id)];
        if (id != "9") (await Api.Get(path, headers)).ShouldBeProblem(400, "invalid_cursor");

        call.Finish();
        await stream.ToEnd();
        await Ended(session, stream);

        (await Api.Get(path, headers)).ShouldBeProblem(400, "invalid_cursor");
        (await Api.Get(path, headers[1])).Should(200);
        (await Friend.Get(path, headers)).ShouldBeProblem(404, "session_not_found");
        (await Api.Get($"/api/sessions/{session}/replies/{session}", headers)).ShouldBeProblem(404, "reply_not_found");
    }

    [Fact]
    public async Task A_session_has_a_stream_only_while_a_reply_runs()
    {
        var id = await Api.Create();
        var none = (await Api.Get($"/api/sessions/{id}/stream")).Should(204);
        Assert.Empty(none.Body);

        var (session, call, stream) = await Begin();
        call.Write("Running");
        await stream.Until("text-delta");
        using var resumed = await Api.Open(HttpMethod.Get, $"/api/sessions/{session}/stream");
        call.Finish();

        await stream.ToEnd();
        await resumed.ToEnd();
        Assert.Equal(stream.Received, resumed.Received);
        await Ended(session, stream);
        (await Api.Get($"/api/sessions/{session}/stream", ("Accept", "text/event-stream"))).Should(204);
    }

    [Fact]
    public async Task Another_request_can_stop_a_reply_and_its_text_is_kept()
    {
        var (session, call, stream) = await Begin();
        call.Write("Kept");
        await stream.Until("text-delta");
        var path = stream.Header("Location")!;

        var stopped = (await Api.Post($"{path}/stop", null)).Should(200);

        Assert.Equal(("stopped", "stopped", "Kept"), (stopped.Text("status"), stopped.Text("finishReason"), stopped.Text("text")));
        var rest = await stream.ToEnd();
        Assert.Equal(["text-end", "abort", null], rest.Select(one => one.Type));
        Assert.Equal("stopped", rest[1].Json.GetProperty("reason").GetString());
        await Eventually.Until(() => call.HasEnded, "The model's call goes on.");
        Assert.Equal(stopped.BodyText, (await Api.Post($"{path}/stop", null)).Should(200).BodyText);
        Assert.Equal(stopped.BodyText, (await Api.Get(path)).Should(200).BodyText);
        Assert.Equal(["Hello", "Kept"], (await Api.Get($"/api/sessions/{session}/messages")).Texts("messages", "content"));
    }

    [Fact]
    public async Task A_failure_of_the_model_is_an_event_and_keeps_the_text()
    {
        var (session, call, stream) = await Begin();
        call.Write("Part");
        await stream.Until("text-delta");

        call.Fail(ModelFailure.Busy);

        var rest = await stream.ToEnd();
        Assert.Equal(["text-end", "error", null], rest.Select(one => one.Type));
        Assert.Equal("The model is busy. Try again later.", rest[1].Json.GetProperty("errorText").GetString());
        var reply = await Ended(session, stream);
        Assert.Equal(("failed", "error", "model_busy", "Part"), (reply.Text("status"), reply.Text("finishReason"), reply.Text("error"), reply.Text("text")));
    }

    [Fact]
    public async Task Deleting_the_session_cuts_the_stream_without_an_end()
    {
        var (session, call, stream) = await Begin();
        call.Write("Part");
        await stream.Until("text-delta");

        (await Api.Delete($"/api/sessions/{session}")).Should(204);

        await Assert.ThrowsAnyAsync<IOException>(stream.ToEnd);
        Assert.DoesNotContain("[DONE]", stream.Received, StringComparison.Ordinal);
        await Eventually.Until(() => call.HasEnded, "The model's call goes on.");
    }

    [Fact]
    public async Task Revoking_the_callers_tokens_cuts_its_streams_and_stops_its_replies()
    {
        await Orion.Authorize("leaving@example.com");
        var user = Server.As("leaving@example.com");
        Server.Model.TakeCalls();
        var session = await user.Create();
        using var stream = await user.OpenReply(session);
        var call = await Server.Model.NextCall();
        call.Write("Part");
        await stream.Until("text-delta");
        var start = TimeProvider.System.GetTimestamp();

        (await user.Post("/api/tokens/revoke", null)).Should(204);

        await Assert.ThrowsAnyAsync<IOException>(stream.ToEnd);
        Assert.DoesNotContain("[DONE]", stream.Received, StringComparison.Ordinal);
        await Eventually.Until(() => call.HasEnded, "The model's call goes on.");
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 7);
        var reply = await Ended(session, stream, user);
        Assert.Equal(("stopped", "Part"), (reply.Text("status"), reply.Text("text")));
    }

    [Fact]
    public async Task A_page_of_an_allowed_origin_can_read_streams_and_errors()
    {
        (string, string) origin = ("Origin", OrionServer.Origin);
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var stream = await Api.OpenReply(session, null, origin);
        Assert.Equal(OrionServer.Origin, stream.Header("Access-Control-Allow-Origin"));
        Assert.Contains("Location", stream.Header("Access-Control-Expose-Headers")!, StringComparison.Ordinal);

        var conflict = (await Api.Post($"/api/sessions/{session}/replies", new { content = "Again" }, origin)).ShouldBeProblem(409, "reply_in_progress");
        Assert.Equal(OrionServer.Origin, conflict.Header("Access-Control-Allow-Origin"));
        var preflight = await Server.Anonymous.Options(
            $"/api/sessions/{session}/stream", origin, ("Access-Control-Request-Method", "GET"));
        Assert.Contains("Last-Event-ID", preflight.Should(204).Required("Access-Control-Allow-Headers"), StringComparison.Ordinal);
        (await Api.Get($"/api/sessions/{session}/stream", ("Origin", "https://evil.example.com"))).ShouldBeProblem(403, "origin_not_allowed");
    }

    [Fact]
    public async Task HEAD_gets_the_headers_at_once()
    {
        var (session, call, stream) = await Begin();
        var path = stream.Header("Location")!;

        foreach (var target in (string[])[path, $"/api/sessions/{session}/stream"])
        {
            for (var n = 0; n < 25; n++)
            {
                var head = (await Api.Head(target, ("Accept", "text/event-stream"))).Should(200);
                Assert.Empty(head.Body);
                Assert.Equal("text/event-stream", head.ContentType);
                Assert.Equal("v1", head.Header("x-vercel-ai-ui-message-stream"));
            }
        }

        Assert.Equal("application/json", (await Api.Head(path)).Should(200).ContentType);
        (await Api.Head(path, ("Accept", "text/event-stream"), ("Last-Event-ID", "7"))).Should(400);
        call.Finish();
        await stream.ToEnd();
        await Ended(session, stream);
        (await Api.Head($"/api/sessions/{session}/stream")).Should(204);
    }

    [Fact]
    [OneInstance("Each instance counts its own streams.")]
    public async Task A_user_can_have_20_streams_open()
    {
        var (_, call, first) = await Begin();
        var path = first.Header("Location")!;
        var others = new List<EventStreamReader>();
        for (var n = 1; n < 20; n++) others.Add(await Api.Open(HttpMethod.Get, path));
        var free = await Api.Create();

        (string, string) accept = ("Accept", "text/event-stream");
        Assert.Null((await Api.Get(path, accept)).ShouldBeProblem(429, "too_many_replies").Header("Retry-After"));
        (await Api.Get($"{path[..path.IndexOf("/replies", StringComparison.Ordinal)]}/stream")).ShouldBeProblem(429, "too_many_replies");
        (await ChangesNothing(() => Api.Post($"/api/sessions/{free}/replies", new { content = "Hello" }, accept))).ShouldBeProblem(429, "too_many_replies");
        // Earlier errors hide it.
        (await Api.Post($"/api/sessions/{free}/replies", "{}", accept)).ShouldBeProblem(409, "nothing_to_answer");
        (await Api.Post($"/api/sessions/{path}/replies", "{}", accept)).ShouldBeProblem(404, "not_found");
        (await Api.Get(path)).Should(200);
        (await Friend.Get(path, accept)).ShouldBeProblem(404, "session_not_found");

        others[0].Dispose();
        await Eventually.Until(async () => (await Api.Head(path)).Status == 200 && await CanOpen(path), "The slot of a closed stream is not free.");
        call.Finish();
        await first.ToEnd();
        foreach (var other in others.Skip(1)) Assert.Equal("[DONE]", (await other.ToEnd())[^1].Data);
    }

    private async Task<bool> CanOpen(string path)
    {
        try
        {
            using var stream = await Api.Open(HttpMethod.Get, path);
            return true;
        }
        catch (Xunit.Sdk.XunitException)
        {
            return false;
        }
    }

    private async Task<(string Session, ModelCall Call, EventStreamReader Stream)> Begin()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        var stream = await Api.OpenReply(session);
        return (session, await Server.Model.NextCall(), stream);
    }

    private async Task<ApiResponse> Ended(string session, EventStreamReader stream, ApiClient? api = null)
    {
        var path = stream.Header("Location")!;
        Assert.StartsWith($"/api/sessions/{session}/replies/", path, StringComparison.Ordinal);
        ApiResponse? reply = null;
        await Eventually.Until(
            async () => (reply = (await (api ?? Api).Get(path)).Should(200)).Text("status") != "streaming", "The reply does not end.");
        return reply!;
    }
}

[Collection(OnPostgres.Name)]
public sealed class ReplyStreamsOnPostgres(PostgresOrion orion) : ReplyStreams(orion);

[Collection(OnSqlite.Name)]
public sealed class ReplyStreamsOnSqlite(SqliteOrion orion) : ReplyStreams(orion);
