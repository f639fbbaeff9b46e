using System.Text;

namespace Orion.IntegrationTests.Errors;

/// <summary>The errors of section 6, and their order.</summary>
public abstract class RequestErrors(OrionFixture orion) : OrionTests(orion)
{
    private static readonly (string, string) NoToken = ("X-None", "1");

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("{} x")]
    [InlineData("{'title':'a'}")]
    [InlineData("""{"title":"a",}""")]
    [InlineData("""{"title":/* no */"a"}""")]
    [InlineData("""{"title":"\x"}""")]
    [InlineData("{\"title\":\"a\nb\"}")]
    [InlineData("""{"metadata":{"n":01}}""")]
    [InlineData("""{"metadata":{"n":NaN}}""")]
    public async Task A_body_that_is_not_JSON_is_rejected(string body)
    {
        (await ChangesNothing(() => Api.Post("/api/sessions", body))).ShouldBeProblem(400, "malformed_json");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("\"{}\"")]
    public async Task A_body_that_is_not_an_object_is_rejected(string body)
    {
        var response = (await ChangesNothing(() => Api.Post("/api/sessions", body))).Should(400);
        Assert.Contains(response.Text("error"), (string[])["malformed_json", "validation_failed"]);
    }

    [Fact]
    public async Task A_rejected_token_has_only_the_log_line_of_its_security_event()
    {
        for (var i = 0; i < 3; i++) (await Server.With("no.token.atall").Get("/api/me")).Should(401);

        Assert.DoesNotContain(Server.Log.All, line => line.Category.Contains("Authentication", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_body_is_malformed()
    {
        var id = await Api.Create();
        foreach (var (method, path) in ((string, string)[])[("POST", "/api/sessions"), ("PATCH", $"/api/sessions/{id}"), ("POST", $"/api/sessions/{id}/messages"),
            ("POST", "/api/sessions/create"), ("POST", "/api/sessions/save-message"), ("POST", "/api/sessions/delete")])
        {
            var response = await ChangesNothing(() => Api.Send(new HttpMethod(method), path, Body([], "application/json")));
            response.ShouldBeProblem(400, "malformed_json");
        }
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF_8_are_rejected()
    {
        foreach (var bytes in (byte[][])[[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe9]])
        {
            byte[] body = [.. "{\"title\":\""u8, .. bytes, .. "\"}"u8];
            (await ChangesNothing(() => Api.Send(HttpMethod.Post, "/api/sessions", Body(body, "application/json")))).Should(400);
            body = [.. "{\"metadata\":{\"a\":\""u8, .. bytes, .. "\"}}"u8];
            (await ChangesNothing(() => Api.Send(HttpMethod.Post, "/api/sessions", Body(body, "application/json")))).Should(400);
        }
    }

    [Fact]
    public async Task JSON_may_be_32_deep_and_not_33()
    {
        static string Deep(int levels) => $"{{\"metadata\":{string.Concat(Enumerable.Repeat("{\"a\":", levels - 2))}{{}}{new string('}', levels - 2)}}}";

        (await Api.Post("/api/sessions", Deep(32))).Should(201);
        (await ChangesNothing(() => Api.Post("/api/sessions", Deep(33)))).ShouldBeProblem(400, "malformed_json");
        (await ChangesNothing(() => Api.Post("/api/sessions", new string('[', 500_000)))).ShouldBeProblem(400, "malformed_json");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/jsonp")]
    [InlineData("application/json; charset=utf-16")]
    public async Task A_body_of_another_type_is_rejected(string? type)
    {
        (await ChangesNothing(() => Api.Send(HttpMethod.Post, "/api/sessions", Body("{}"u8.ToArray(), type)))).ShouldBeProblem(415, "unsupported_media_type");
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json;charset=\"UTF-8\"")]
    [InlineData("Application/JSON")]
    public async Task JSON_may_be_announced_in_every_usual_way(string type)
    {
        (await Api.Send(HttpMethod.Post, "/api/sessions", Body("{}"u8.ToArray(), type))).Should(201);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity")]
    public async Task A_request_with_a_content_encoding_is_rejected(string encoding)
    {
        (await ChangesNothing(() => Api.Post("/api/sessions", "{}", ("Content-Encoding", encoding)))).ShouldBeProblem(415, "unsupported_media_type");
    }

    [Fact]
    public async Task An_unknown_route_is_not_found()
    {
        foreach (var path in (string[])["/api", "/api/nothing", "/nothing", "/api/sessions/x/y/z", "/index.html", "/.env", "/swagger", "/docs", "/openapi/v1.json"])
        {
            var response = await Api.Get(path);
            if (path != "/openapi/v1.json") response.ShouldBeProblem(404, "not_found");
            else response.Should(404);
            (await Server.Anonymous.Get(path)).ShouldBeProblem(401, "missing_token");
        }
    }

    [Fact]
    public async Task Another_method_is_405_and_Allow_lists_the_methods()
    {
        var id = await Api.Create();
        foreach (var (method, path, allow) in ((string, string, string)[])[
            ("PUT", "/api/sessions", "GET, HEAD, POST"), ("DELETE", "/api/sessions", "GET, HEAD, POST"),
            ("PUT", $"/api/sessions/{id}", "DELETE, GET, HEAD, PATCH"), ("POST", $"/api/sessions/{id}", "DELETE, GET, HEAD, PATCH"),
            ("DELETE", $"/api/sessions/{id}/messages", "GET, HEAD, POST"), ("DELETE", "/api/me", "GET, HEAD"), ("TRACE", "/api/me", "GET, HEAD"),
            ("BREW", "/api/sessions", "GET, HEAD, POST")])
        {
            var response = await ChangesNothing(() => Api.Send(new HttpMethod(method), path, null));
            response.ShouldBeProblem(405, "method_not_allowed");
            Assert.Equal(allow.Split(", "), response.Required("Allow").Split(',').Select(name => name.Trim()).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task An_earlier_error_hides_a_later_one()
    {
        var missing = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var stranger = ("Authorization", $"Bearer {TestToken.For("stranger@example.com")}");
        var bad = ("Origin", "https://evil.example.com");
        var anonymous = Server.Anonymous;

        (await anonymous.Get("/api/nothing", bad)).ShouldBeProblem(403, "origin_not_allowed");
        (await anonymous.Get("/api/nothing", NoToken)).ShouldBeProblem(401, "missing_token");
        (await anonymous.Send(HttpMethod.Put, "/api/sessions", null)).ShouldBeProblem(401, "missing_token");
        (await anonymous.Get("/api/nothing", stranger)).ShouldBeProblem(403, "not_authorized");
        (await anonymous.Send(HttpMethod.Put, "/api/sessions", null, stranger)).ShouldBeProblem(403, "not_authorized");
        (await Api.Send(HttpMethod.Put, "/api/sessions", Body("{"u8.ToArray(), "text/plain"))).ShouldBeProblem(405, "method_not_allowed");
        (await Api.Send(HttpMethod.Post, $"/api/sessions/{missing}/messages", Body("{"u8.ToArray(), "text/plain"))).ShouldBeProblem(415, "unsupported_media_type");
        (await Api.Post($"/api/sessions/{missing}/messages", "{")).ShouldBeProblem(400, "malformed_json");
        (await Api.Post($"/api/sessions/{missing}/messages", "{}")).ShouldBeProblem(400, "validation_failed");
        (await Api.Post("/api/sessions/save-message", new { userId = OrionFixture.Friend, sessionId = missing, role = "nobody", content = "x" }))
            .ShouldBeProblem(400, "validation_failed");
        (await Api.Post("/api/sessions/save-message", new { userId = OrionFixture.Friend, sessionId = missing, role = "user", content = "x" }))
            .ShouldBeProblem(403, "user_mismatch");
        (await Api.Patch($"/api/sessions/{missing}", new { title = "x" }, ("If-Match", "\"9\""))).ShouldBeProblem(404, "session_not_found");
    }

    [Fact]
    public async Task The_instance_is_the_encoded_path_without_its_query_and_at_most_200_characters()
    {
        Assert.Equal("/api/caf%C3%A9%20%3Cb%3E", (await Api.Get("/api/caf%C3%A9%20%3Cb%3E?token=secret")).Should(404).Text("instance"));

        var response = await Api.Get("/api/" + new string('x', 3000));
        Assert.True(response.Should(404).Text("instance").Length <= 200);
        for (var before = 0; before < 3; before++)
        {
            var path = $"/api/{new string('x', before)}{string.Concat(Enumerable.Repeat("%C3%A9", 100))}";
            Assert.Matches("^([^%]|%[0-9A-F]{2}){1,200}$", (await Api.Get(path)).Should(404).Text("instance"));
        }

        Assert.DoesNotContain("secret", (await Api.Get("/api/x?secret=secret")).Should(404).BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_texts_are_Orions_own()
    {
        ApiResponse[] responses =
        [
            await Api.Post("/api/sessions", "{\"title\":\"a\""), await Api.Post("/api/sessions", """{"title":7}"""), await Api.Post("/api/sessions", """{"metadata":[]}"""),
            await Api.Get("/api/sessions?limit=x"), await Api.Get("/api/sessions?startDate=x"), await Api.Get("/api/sessions?cursor=x"),
            await Api.Patch("/api/sessions/x", """{"archived":"yes"}"""), await Api.Get("/api/sessions/';DROP TABLE sessions;--"),
        ];

        foreach (var response in responses)
        {
            Assert.InRange(response.Status, 400, 499);
            foreach (var word in (string[])["Exception", "System.", "Microsoft", "Json", "LineNumber", "BytePosition", "SELECT", "Npgsql", "Sqlite", "Orion.", ".cs", "   at "])
            {
                Assert.DoesNotContain(word, response.Json.GetProperty("detail").GetString() + response.Text("title") + response.Json.GetRawText().Replace(response.Text("instance"), "", StringComparison.Ordinal), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_body_that_stalls_times_out()
    {
        var token = TestToken.For(OrionServer.Owner);
        using var socket = await RawHttp.Connect(Server.Port);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /api/sessions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{{"), timeout.Token);

        var response = await ChangesNothing(() => RawHttp.Read(socket, "POST /api/sessions HTTP/1.1", timeout.Token));

        response.ShouldBeProblem(408, "request_timeout");
    }

    private static ByteArrayContent Body(byte[] bytes, string? type)
    {
        var content = new ByteArrayContent(bytes);
        if (type is not null) content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }
}

[Collection(OnPostgres.Name)]
public sealed class RequestErrorsOnPostgres(PostgresOrion orion) : RequestErrors(orion);

[Collection(OnSqlite.Name)]
public sealed class RequestErrorsOnSqlite(SqliteOrion orion) : RequestErrors(orion);
