using System.Text.Json;

namespace Orion.IntegrationTests.Mcp;

/// <summary>The Model Context Protocol over HTTP. <c>tests/web/mcp.test.js</c> tests it with the official client.</summary>
public abstract class ModelContextProtocol(OrionFixture orion) : OrionTests(orion)
{
    private static readonly (string, string)[] Accept = [("Accept", "application/json, text/event-stream")];

    [Fact]
    public async Task Only_this_route_is_served_and_only_with_user_tokens()
    {
        Assert.Equal(["POST /mcp"], Route.Of(Server).Where(route => route.Path.StartsWith("/mcp", StringComparison.Ordinal)).Select(route => $"{route.Method} {route.Path}"));

        var id = await Api.Create();
        var body = Body("tools/call", new { name = "list_sessions" });
        (await Server.With(await Api.Mint(id)).Post("/mcp", body, Accept)).ShouldBeProblem(403, "insufficient_scope");
        (await Server.Anonymous.Post("/mcp", body, Accept)).ShouldBeProblem(401, "missing_token");
        (await Api.Get("/mcp", Accept)).ShouldBeProblem(405, "method_not_allowed");
    }

    [Fact]
    public async Task Another_users_session_is_like_a_missing_one_in_each_tool_and_does_not_change()
    {
        var foreign = await Api.Create(new { firstMessage = "Secret" });
        var missing = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        foreach (var (tool, more) in ((string, string)[])
            [("read_messages", ""), ("append_message", ""","role":"user","content":"Taken" """), ("search_messages", ""","q":"secret" """)])
        {
            var texts = new HashSet<string>();
            foreach (var id in (string[])[foreign, missing, "no-uuid"])
            {
                var response = await ChangesNothing(() => Friend.Post("/mcp", Call(tool, $$"""{"sessionId":"{{id}}"{{more}}}"""), Accept));
                var result = Result(response);
                Assert.True(result.GetProperty("isError").GetBoolean());
                Assert.Equal("session_not_found: ", result.GetProperty("content")[0].GetProperty("text").GetString()![..19]);
                texts.Add(result.GetRawText());
            }

            Assert.Single(texts);
        }

        var errors = new HashSet<string>();
        foreach (var id in (string[])[foreign, missing, "no-uuid"])
        {
            var read = Message(await ChangesNothing(() => Friend.Post("/mcp", Body("resources/read", new { uri = $"orion://sessions/{id}" }), Accept)));
            Assert.StartsWith("session_not_found", read.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
            errors.Add(read.GetProperty("error").GetRawText());
        }

        Assert.Single(errors);
        Assert.Equal(0, Structured(await Friend.Post("/mcp", Call("list_sessions", """{"archived":"any"}"""), Accept)).GetProperty("count").GetInt32());
        Assert.Equal(0, Structured(await Friend.Post("/mcp", Call("search_messages", """{"q":"secret"}"""), Accept)).GetProperty("count").GetInt32());
        Assert.Equal(1, Structured(await Api.Post("/mcp", Call("search_messages", """{"q":"secret"}"""), Accept)).GetProperty("count").GetInt32());
        Assert.Empty(Result(await Friend.Post("/mcp", Body("resources/list", new { }), Accept)).GetProperty("resources").EnumerateArray());
    }

    [Fact]
    public async Task A_tool_writes_what_the_routes_read()
    {
        var session = Structured(await Api.Post("/mcp", Call("start_session", """{"title":"By a tool","firstMessage":"One"}"""), Accept));
        var id = session.GetProperty("sessionId").GetString()!;
        Structured(await Api.Post("/mcp", Call("append_message", $$"""{"sessionId":"{{id}}","role":"assistant","content":"Two"}"""), Accept));

        Assert.Equal("By a tool", (await Api.Session(id)).GetProperty("title").GetString());
        Assert.Equal(["One", "Two"], (await Api.Get($"/api/sessions/{id}/messages")).Texts("messages", "content"));
        Assert.Equal(session.GetProperty("createdAt").GetString(), (await Api.Session(id)).GetProperty("createdAt").GetString());

        await Api.Patch($"/api/sessions/{id}", new { archived = true });
        var archived = Result(await Api.Post("/mcp", Call("append_message", $$"""{"sessionId":"{{id}}","role":"user","content":"Three"}"""), Accept));
        Assert.StartsWith("session_archived: ", archived.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    private static string Call(string tool, string arguments) =>
        $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""";

    private static string Body(string method, object parameters) =>
        $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{JsonSerializer.Serialize(parameters)}}}""";

    // The response is a stream with one event.
    private static JsonElement Message(ApiResponse response) => JsonElement.Parse(
        response.Should(200).BodyText.Split('\n').Single(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..]);

    private static JsonElement Result(ApiResponse response) => Message(response).GetProperty("result");

    private static JsonElement Structured(ApiResponse response) => Result(response).GetProperty("structuredContent");
}

[Collection(OnPostgres.Name)]
public sealed class ModelContextProtocolOnPostgres(PostgresOrion orion) : ModelContextProtocol(orion);

[Collection(OnSqlite.Name)]
public sealed class ModelContextProtocolOnSqlite(SqliteOrion orion) : ModelContextProtocol(orion);
