using System.Text.Json;

namespace Orion.IntegrationTests.Mcp;

/// <summary>The Model Context Protocol over HTTP. <c>tests/web/mcp.test.js</c> tests it with the official client.</summary>
public abstract class ModelContextProtocol(OrionFixture orion) : OrionTests(orion)
{
    private const string ClientInfo = """ "clientInfo":{"name":"x","version":"1"},"capabilities":{} """;
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

    [Fact]
    public async Task Invalid_params_are_an_error_of_the_protocol()
    {
        var before = Server.Log.All.Count;
        foreach (var (method, parameters) in ((string, string)[])
            [
                ("initialize", "{}"), ("initialize", "[]"), ("initialize", "\"x\""),
                ("initialize", $$"""{"protocolVersion":5,{{ClientInfo}}}"""), ("initialize", $$"""{"protocolVersion":"\ud800",{{ClientInfo}}}"""),
                ("initialize", """{"protocolVersion":"2025-06-18","clientInfo":"x","capabilities":{}}"""),
                ("tools/call", """{"name":"list_sessions","arguments":[1]}"""), ("tools/call", """{"name":5}"""), ("tools/call", """{"name":"\ud800"}"""),
                ("tools/call", "{}"), ("tools/list", "5"), ("tools/list", """{"cursor":5}"""), ("resources/read", "{}"), ("resources/read", """{"uri":{}}"""),
            ])
        {
            var response = (await Api.Post("/mcp", Raw(method, parameters), Accept)).Should(200);
            var error = (response.ContentType == "application/json" ? response.Json : Message(response)).GetProperty("error");
            Assert.Equal(-32602, error.GetProperty("code").GetInt32());
            Assert.Matches("^(The params of the request are not those of its method|There is no tool of this name)[.]$", error.GetProperty("message").GetString());
        }

        foreach (var modern in ((string, string)[][])[[("Mcp-Method", "tools/call"), ("Mcp-Name", "x")], [("Mcp-Method", "tools/call"), ("Mcp-Name", "5")]])
        {
            var body = Raw("tools/call", """{"name":5,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}""");
            var response = await Api.Post("/mcp", body, [.. Accept, .. modern, ("MCP-Protocol-Version", "2026-07-28")]);
            Assert.Equal((1, -32602), (response.Json.GetProperty("id").GetInt32(), response.Json.GetProperty("error").GetProperty("code").GetInt32()));
            (await Api.Post("/mcp", body.Replace("\"id\":1,", "", StringComparison.Ordinal), [.. Accept, .. modern, ("MCP-Protocol-Version", "2026-07-28")])).Should(400);
        }

        Assert.DoesNotContain(Server.Log.All.Skip(before), line => line.Exception is not null);
    }

    [Fact]
    public async Task Errors_repeat_nothing_of_the_request()
    {
        var text = new string('x', 3000);
        (await Api.Post("/mcp", Body("tools/list", new { }), ("Accept", "application/json"))).ShouldBeProblem(406, "not_acceptable");
        (await Api.Post("/mcp", Body("tools/list", new { }), [.. Accept, ("Mcp-Session-Id", text)])).ShouldBeProblem(400, "validation_failed", "Mcp-Session-Id");
        (await Api.Post("/mcp", """{"jsonrpc":"2.0","id":{},"method":"ping"}""", Accept)).ShouldBeProblem(400, "malformed_json");

        var method = await Api.Post("/mcp", Body(text, new { }), Accept);
        Assert.Equal("no-store", method.Header("Cache-Control"));
        ShouldBe(-32601, Message(method));
        var version = (await Api.Post("/mcp", Body("tools/list", new { }), [.. Accept, ("MCP-Protocol-Version", text)])).Should(400);
        Assert.Equal("application/json", version.ContentType);
        Assert.Contains("2026-07-28", ShouldBe(-32022, version.Json).GetProperty("data").GetProperty("supported").EnumerateArray().Select(item => item.GetString()));
        ShouldBe(-32022, Message(await Api.Post("/mcp", Raw("initialize", $$"""{"protocolVersion":"9{{text}}",{{ClientInfo}}}"""), Accept)));
        ShouldBe(-32020, (await Api.Post(
            "/mcp", Raw("initialize", $$"""{"protocolVersion":"{{text}}",{{ClientInfo}}}"""), [.. Accept, ("MCP-Protocol-Version", "2025-06-18")])).Should(400).Json);
        ShouldBe(-32020, (await Api.Post(
            "/mcp",
            Raw(text, """{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}"""),
            [.. Accept, ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/list")])).Should(400).Json);

        static JsonElement ShouldBe(int code, JsonElement message)
        {
            var error = message.GetProperty("error");
            Assert.Equal(code, error.GetProperty("code").GetInt32());
            Assert.Equal(1, message.GetProperty("id").GetInt32());
            Assert.DoesNotContain('x' + new string('x', 64), error.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain("xx", error.GetProperty("message").GetString(), StringComparison.Ordinal);
            return error;
        }
    }

    private static string Call(string tool, string arguments) =>
        $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""";

    private static string Body(string method, object parameters) => Raw(method, JsonSerializer.Serialize(parameters));

    private static string Raw(string method, string parameters) => $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""";

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
