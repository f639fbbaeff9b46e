using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Replies;
using Orion.Domain.Replies;

namespace Orion.IntegrationTests.Replies;

/// <summary>The routes of replies: results, errors and their order.</summary>
public abstract class ReplyRoutes(OrionFixture orion) : OrionTests(orion)
{
    private static readonly (string, string) Accept = ("Accept", "text/event-stream");

    [Fact]
    public async Task A_reply_as_JSON_is_read_until_it_has_ended()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();

        var begun = (await Api.Post($"/api/sessions/{session}/replies", new { content = "How far?", model = "test-small", metadata = new { a = 1 } })).Should(201);

        Assert.Equal(["createdAt", "messageId", "model", "replyId", "sessionId", "status", "text"], Members(begun));
        Assert.Equal(("streaming", "", "test-small", session), (begun.Text("status"), begun.Text("text"), begun.Text("model"), begun.Text("sessionId")));
        var path = begun.Required("Location");
        Assert.Equal($"/api/sessions/{session}/replies/{begun.Text("replyId")}", path);

        var call = await Server.Model.NextCall();
        Assert.Equal("test-small", call.Model);
        Assert.Equal([new ModelMessage(ModelRole.User, "How far?")], call.Messages);
        call.Write("384,400 km").Finish(usage: new TokenUsage(7, 3));
        var ended = await Ended(path);

        Assert.Equal(["createdAt", "finishReason", "finishedAt", "messageId", "model", "replyId", "sessionId", "status", "text"], Members(ended));
        Assert.Equal(("completed", "stop", "384,400 km"), (ended.Text("status"), ended.Text("finishReason"), ended.Text("text")));
        var messages = (await Api.Get($"/api/sessions/{session}/messages")).Items("messages");
        Assert.Equal("""{"a":1}""", messages[0].GetProperty("metadata").GetRawText());
        Assert.Equal(begun.Text("messageId"), messages[1].GetProperty("id").GetString());
        Assert.Equal(
            """{"model":"test-small","finishReason":"stop","usage":{"inputTokens":7,"outputTokens":3}}""", messages[1].GetProperty("metadata").GetRawText());
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("*/*", false)]
    [InlineData("text/*", false)]
    [InlineData("application/json", false)]
    [InlineData("text/event-stream;q=0", false)]
    [InlineData("text/event-stream", true)]
    [InlineData("TEXT/Event-Stream; q=0.1", true)]
    [InlineData("application/json, text/event-stream", true)]
    public async Task Accept_chooses_between_JSON_and_the_stream(string? accept, bool isStream)
    {
        var session = await Api.Create();
        (string, string)[] headers = accept is null ? [] : [("Accept", accept)];

        var response = await Api.Post($"/api/sessions/{session}/replies", new { content = "Hello" }, headers);

        Assert.Equal((isStream ? 200 : 201, isStream ? "text/event-stream" : "application/json"), (response.Status, response.ContentType));
        var got = await Api.Get(response.Required("Location"), headers);
        Assert.Equal((200, response.ContentType), (got.Status, got.ContentType));
    }

    [Fact]
    public async Task A_repeat_begins_nothing_and_shows_the_reply_as_it_is_now()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        var path = $"/api/sessions/{session}/replies";
        (string, string) key = ("Idempotency-Key", "one");
        var begun = (await Api.Post(path, new { content = "Hello" }, key)).Should(201);
        Assert.Null(begun.Header("Idempotency-Replayed"));
        var call = await Server.Model.NextCall();
        call.Write("Part");
        using var stream = await Api.OpenReply(session, new { content = "Hello" }, key);
        Assert.Equal("true", stream.Header("Idempotency-Replayed"));
        Assert.Equal(begun.Required("Location"), stream.Header("Location"));
        Assert.Equal(1, (await stream.Next())!.Id);
        await stream.Until("text-delta");

        var running = await ChangesNothing(() => Api.Post($"/api/sessions/{session.ToUpperInvariant()}/replies", new { content = "Hello" }, key));
        Assert.Equal((201, "true"), (running.Status, running.Header("Idempotency-Replayed")));
        Assert.Equal(("streaming", "Part", begun.Required("Location")), (running.Text("status"), running.Text("text"), running.Required("Location")));
        (await ChangesNothing(() => Api.Post(path, new { content = "Hallo" }, key))).ShouldBeProblem(422, "idempotency_mismatch");

        call.Finish();
        await stream.ToEnd();
        await Ended(begun.Required("Location"));
        var ended = (await ChangesNothing(() => Api.Post(path, new { content = "Hello" }, key))).Should(201);
        Assert.Equal(("completed", "true"), (ended.Text("status"), ended.Header("Idempotency-Replayed")));
        using var again = await Api.OpenReply(session, new { content = "Hello" }, key);
        await again.ToEnd();
        Assert.Equal(stream.Received, again.Received);
        Assert.Equal(2, (await Api.Session(session)).GetProperty("messageCount").GetInt32());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            await Server.Model.NextCall().WaitAsync(timeout.Token);
        });
    }

    [Fact]
    public async Task Concurrent_repeats_begin_one_reply()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();

        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Api.Post($"/api/sessions/{session}/replies", new { content = "Hello" }, ("Idempotency-Key", "same"))));

        Assert.All(responses, response => response.Should(201));
        Assert.Single(responses.Select(response => response.Text("replyId")).Distinct());
        Assert.Single(responses, response => response.Header("Idempotency-Replayed") is null);
        (await Server.Model.NextCall()).Finish();
    }

    [Fact]
    public async Task The_reply_begins_even_if_the_client_leaves_at_once()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using (var socket = await RawHttp.Connect(Server.Port))
        {
            var body = """{"content":"Hello"}""";
            await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(
                $"POST /api/sessions/{session}/replies HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TestToken.For(OrionServer.Owner, Server.Clock)}\r\n"
                + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\nAccept: text/event-stream\r\n\r\n{body}"));
            await Eventually.Until(
                async () => (await Api.Session(session)).GetProperty("messageCount").GetInt32() == 1, "The request was not read.");
            socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
        }

        (await Server.Model.NextCall()).Write("Anyway").Finish();

        await Eventually.Until(
            async () => (await Api.Session(session)).GetProperty("messageCount").GetInt32() == 2, "The reply did not go on.");
    }

    [Fact]
    public async Task A_session_has_one_running_reply()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        var running = (await Api.Post($"/api/sessions/{session}/replies", new { content = "Hello" })).Should(201).Text("replyId");

        foreach (var headers in ((string, string)[][])[[], [Accept]])
        {
            var conflict = await ChangesNothing(() => Api.Post($"/api/sessions/{session}/replies", new { content = "Again" }, headers));
            Assert.Equal(running, conflict.ShouldBeProblem(409, "reply_in_progress").Text("replyId"));
        }

        (await Server.Model.NextCall()).Finish();
    }

    [Fact]
    public async Task Too_many_running_replies_of_one_user_are_rejected()
    {
        Server.Model.TakeCalls();
        var locations = new List<string>();
        for (var n = 0; n < 4; n++)
            locations.Add((await Api.Post($"/api/sessions/{await Api.Create()}/replies", new { content = "Hello" })).Should(201).Required("Location"));
        var fifth = await Api.Create();

        var rejected = await ChangesNothing(() => Api.Post($"/api/sessions/{fifth}/replies", new { content = "Hello" }, Accept));
        Assert.Null(rejected.ShouldBeProblem(429, "too_many_replies").Header("Retry-After"));
        (await Api.Post($"/api/sessions/{fifth}/replies", "{}")).ShouldBeProblem(409, "nothing_to_answer");
        (await Api.Post("/api/chat-stream-v2", new { message = "Hello" })).ShouldBeProblem(429, "too_many_replies");
        (await Friend.Post($"/api/sessions/{await Friend.Create()}/replies", new { content = "Hello" })).Should(201);

        (await Api.Post($"{locations[0]}/stop", null)).Should(200);
        (await Api.Post($"/api/sessions/{fifth}/replies", new { content = "Hello" })).Should(201);
    }

    [Fact]
    public async Task Invalid_requests_are_rejected_in_the_order_of_the_contract()
    {
        var session = await Api.Create(new { firstMessage = "Hello" });
        var archived = await Api.Create(new { firstMessage = "Hello" });
        (await Api.Patch($"/api/sessions/{archived}", new { archived = true })).Should(200);
        var path = $"/api/sessions/{session}/replies";
        async Task<ApiResponse> Rejected(string target, object? body) => await ChangesNothing(() => Api.Post(target, body, Accept));

        (await Rejected(path, null)).ShouldBeProblem(400, "malformed_json");
        (await Rejected(path, "{")).ShouldBeProblem(400, "malformed_json");
        (await Rejected(path, """{"text":"Hello"}""")).ShouldBeProblem(400, "unknown_member", "text");
        (await Rejected(path, """{"content":""}""")).ShouldBeProblem(400, "validation_failed", "content");
        (await Rejected(path, """{"content":7,"model":8,"metadata":9}""")).ShouldBeProblem(400, "validation_failed", "content", "model", "metadata");
        (await Rejected(path, """{"model":"other"}""")).ShouldBeProblem(400, "validation_failed", "model");
        (await Rejected(path, """{"metadata":{}}""")).ShouldBeProblem(400, "validation_failed", "metadata");
        (await Rejected(path, new { content = new string('x', 100_001) })).ShouldBeProblem(400, "validation_failed", "content");
        (await Rejected($"/api/sessions/{archived}/replies", """{"model":"other"}""")).ShouldBeProblem(400, "validation_failed", "model");
        (await Rejected($"/api/sessions/{archived}/replies", "{}")).ShouldBeProblem(409, "session_archived");
        (await Rejected($"/api/sessions/{await Api.Create()}/replies", "{}")).ShouldBeProblem(409, "nothing_to_answer");
        (await Rejected($"/api/sessions/{Guid.AllBitsSet}/replies", "{}")).ShouldBeProblem(404, "session_not_found");
        (await Api.Send(HttpMethod.Post, path, new StringContent("{}"), Accept)).ShouldBeProblem(415, "unsupported_media_type");
        (await Api.Post(path, "{}", ("Content-Encoding", "gzip"))).ShouldBeProblem(415, "unsupported_media_type");
        (await Api.Post(path, "{}", ("Idempotency-Key", "with blank"))).ShouldBeProblem(400, "validation_failed", "Idempotency-Key");
        (await Api.Post(path, new string(' ', (2 * 1024 * 1024) + 1))).ShouldBeProblem(413, "payload_too_large");
    }

    [Fact]
    public async Task Missing_replies_and_wrong_methods_are_rejected()
    {
        var session = await Api.Create();
        var other = await Api.Create();
        var reply = (await Api.Post($"/api/sessions/{other}/replies", new { content = "Hello" })).Should(201).Text("replyId");

        foreach (var id in (string[])[reply, "no-uuid", Guid.AllBitsSet.ToString()])
        {
            (await Api.Get($"/api/sessions/{session}/replies/{id}")).ShouldBeProblem(404, "reply_not_found");
            (await Api.Get($"/api/sessions/{session}/replies/{id}", Accept)).ShouldBeProblem(404, "reply_not_found");
            (await Api.Post($"/api/sessions/{session}/replies/{id}/stop", null)).ShouldBeProblem(404, "reply_not_found");
            (await Api.Get($"/api/sessions/no-uuid/replies/{id}", Accept)).ShouldBeProblem(404, "session_not_found");
        }

        (await Api.Get($"/api/sessions/{session}/replies")).ShouldBeProblem(405, "method_not_allowed");
        (await Api.Delete($"/api/sessions/{session}/stream")).ShouldBeProblem(405, "method_not_allowed");
        (await Api.Get($"/api/sessions/{session}/replies/{reply}/stop")).ShouldBeProblem(405, "method_not_allowed");
        (await Api.Post("/api/models", "{}")).ShouldBeProblem(405, "method_not_allowed");
        (await Api.Get("/api/chat-stream-v2")).ShouldBeProblem(405, "method_not_allowed");
    }

    [Fact]
    public async Task A_session_token_reaches_the_replies_of_its_session()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        var other = await Api.Create(new { firstMessage = "Hello" });
        var api = Server.With(await Api.Mint(session));

        using var stream = await api.OpenReply(session);
        (await Server.Model.NextCall()).Write("Part");
        await stream.Until("text-delta");
        var path = stream.Header("Location")!;
        (await api.Get(path)).Should(200);
        using (var second = await api.Open(HttpMethod.Get, path)) await second.Until("text-delta");
        using (var second = await api.Open(HttpMethod.Get, $"/api/sessions/{session}/stream")) await second.Until("text-delta");
        (await api.Post($"{path}/stop", null)).Should(200);

        (await ChangesNothing(() => api.Post($"/api/sessions/{other}/replies", "{}"))).ShouldBeProblem(404, "session_not_found");
        (await api.Get($"/api/sessions/{other}/stream")).ShouldBeProblem(404, "session_not_found");
        (await api.Get("/api/models")).ShouldBeProblem(403, "insufficient_scope");
        (await api.Post("/api/chat-stream-v2", new { message = "Hello" })).ShouldBeProblem(403, "insufficient_scope");
    }

    [Fact]
    public async Task The_models_are_listed() =>
        Assert.Equal("""{"models":[{"name":"test-large"},{"name":"test-small"}],"count":2}""", (await Api.Get("/api/models")).Should(200).BodyText);

    [Fact]
    public async Task Without_a_model_every_route_is_501_behind_authorization_route_and_method()
    {
        await using var server = await OrionServer.Start(
            Orion.Database, builder => builder.Services.AddSingleton<IModelClient>(new TestModel { Names = [] }));
        var session = await server.Api.Create();
        var routes = Route.Of(server).Where(route => route.Method != "*" && (route.Path.Contains("/replies", StringComparison.Ordinal)
            || route.Path.EndsWith("/stream", StringComparison.Ordinal) || route.Path is "/api/models" or "/api/chat-stream-v2")).ToList();
        Assert.Equal(9, routes.Count);

        foreach (var route in routes)
        {
            (await server.Api.Ask(route, session, session)).ShouldBeProblem(501, "no_model");
            (await server.Api.Ask(route, "no-uuid", session)).ShouldBeProblem(501, "no_model");
            (await server.Anonymous.Ask(route, session, session)).ShouldBeProblem(401, "missing_token");
        }

        (await server.Api.Send(HttpMethod.Post, $"/api/sessions/{session}/replies", new StringContent("{"), ("Content-Encoding", "gzip")))
            .ShouldBeProblem(501, "no_model");
        (await server.Api.Send(HttpMethod.Put, "/api/models", null)).ShouldBeProblem(405, "method_not_allowed");
        (await server.With(await server.Api.Mint(session)).Get("/api/models")).ShouldBeProblem(403, "insufficient_scope");
    }

    private static List<string> Members(ApiResponse response) =>
        [.. response.Json.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal)];

    private async Task<ApiResponse> Ended(string path)
    {
        ApiResponse? reply = null;
        await Eventually.Until(async () => (reply = (await Api.Get(path)).Should(200)).Text("status") != "streaming", "The reply does not end.");
        return reply!;
    }
}

[Collection(OnPostgres.Name)]
public sealed class ReplyRoutesOnPostgres(PostgresOrion orion) : ReplyRoutes(orion);

[Collection(OnSqlite.Name)]
public sealed class ReplyRoutesOnSqlite(SqliteOrion orion) : ReplyRoutes(orion);
