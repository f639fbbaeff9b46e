using System.Globalization;
using System.Text;

namespace Orion.IntegrationTests.Http;

public abstract class BodyAndResponseSizes(OrionFixture orion) : OrionTests(orion)
{
    private const int FourMiB = 4 * 1024 * 1024;
    private const int TwoMiB = 2 * 1024 * 1024;

    [Fact]
    public async Task A_page_of_messages_ends_before_4_MiB_and_has_a_next_page()
    {
        var id = await LargeSession();

        var seen = new List<int>();
        string? cursor = null;
        do
        {
            var page = (await Api.Get($"/api/sessions/{id}/messages?limit=1000{(cursor is null ? "" : $"&cursor={cursor}")}")).Should(200);
            Assert.True(page.Body.Length <= FourMiB, $"{page.Body.Length} bytes");
            Assert.NotEmpty(page.Items("messages"));
            seen.AddRange(page.Items("messages").Select(message => message.GetProperty("sequence").GetInt32()));
            cursor = page.NextCursor;
        }
        while (cursor is not null && seen.Count < 100);

        Assert.Equal(Enumerable.Range(1, 14), seen);
    }

    [Fact]
    public async Task Phase_1_returns_the_newest_messages_that_fit_and_reports_the_truncation()
    {
        var id = await LargeSession();

        var response = (await Api.Get($"/api/sessions/messages?sessionId={id}")).Should(200);

        Assert.True(response.Body.Length <= FourMiB, $"{response.Body.Length} bytes");
        Assert.True(response.Json.GetProperty("truncated").GetBoolean());
        var seen = response.Items("messages").Select(message => message.GetProperty("sequence").GetInt32()).ToList();
        Assert.Equal(seen.Count, response.Json.GetProperty("count").GetInt32());
        Assert.InRange(seen.Count, 8, 13);
        Assert.Equal(Enumerable.Range(14 - seen.Count + 1, seen.Count), seen);
    }

    [Fact]
    public async Task A_list_of_sessions_ends_before_4_MiB()
    {
        // 1,000 characters of four bytes twice, a title, 16 KiB of metadata: about 26 KiB each.
        var firstMessage = string.Concat(Enumerable.Repeat("😀", 1000));
        var metadata = new { fill = new string('m', (16 * 1024) - 20) };
        for (var n = 0; n < 180; n++) await Api.Create(new { firstMessage, metadata });

        var page = (await Api.Get("/api/sessions?limit=200")).Should(200);
        Assert.True(page.Body.Length <= FourMiB, $"{page.Body.Length} bytes");
        var rest = (await Api.Get($"/api/sessions?limit=200&cursor={page.NextCursor}")).Should(200);
        Assert.Equal(180, page.Texts("sessions", "sessionId").Concat(rest.Texts("sessions", "sessionId")).Distinct().Count());
        Assert.Null(rest.NextCursor);

        var old = (await Api.Get("/api/sessions/list?limit=1000")).Should(200);
        Assert.True(old.Body.Length <= FourMiB, $"{old.Body.Length} bytes");
        Assert.True(old.Json.GetProperty("truncated").GetBoolean());
        Assert.Equal(old.Items("sessions").Count, old.Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_body_of_2_MiB_is_read_and_one_byte_more_is_rejected_on_every_route_with_a_body()
    {
        var id = await Api.Create();
        foreach (var (method, path, start) in ((string, string, string)[])[
            ("POST", "/api/sessions", """{"title":"t","""),
            ("PATCH", $"/api/sessions/{id}", """{"title":"t","""),
            ("POST", $"/api/sessions/{id}/messages", """{"role":"user","content":"c","""),
            ("POST", "/api/sessions/create", """{"userId":"","""),
            ("POST", "/api/sessions/save-message", $$"""{"sessionId":"{{id}}","role":"user","content":"c","""),
            ("POST", "/api/sessions/delete", $$"""{"sessionId":"{{id}}","""),
            ("POST", "/api/tokens", $$"""{"sessionId":"{{id}}",""")])
        {
            var most = start + "\"metadata\":null}";
            if (path.StartsWith("/api/tokens", StringComparison.Ordinal) || path.EndsWith("/delete", StringComparison.Ordinal)) most = start.TrimEnd(',') + "}";
            most = most.PadRight(TwoMiB);
            var one = await ChangesNothing(() => Api.Send(new HttpMethod(method), path, Json(most + " ")));
            one.ShouldBeProblem(413, "payload_too_large");
            var chunked = await ChangesNothing(() => Api.Send(new HttpMethod(method), path, Json(most + " "), ("Transfer-Encoding", "chunked")));
            chunked.ShouldBeProblem(413, "payload_too_large");
            if (!path.EndsWith("/delete", StringComparison.Ordinal))
            {
                Assert.InRange((await Api.Send(new HttpMethod(method), path, Json(most))).Status, 200, 201);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(65_536)]
    public async Task The_size_of_a_chunked_body_is_that_of_its_content(int chunk)
    {
        var body = """{"title":"In chunks"}""".PadRight(TwoMiB);

        Assert.Equal("In chunks", (await SendChunked(body, chunk)).Should(201).Text("title"));
        (await ChangesNothing(() => SendChunked(body + " ", chunk))).ShouldBeProblem(413, "payload_too_large");
    }

    [Fact]
    public async Task The_framing_of_chunks_has_a_limit_of_its_own()
    {
        var response = await ChangesNothing(() => RawHttp.SendText(
            Server.Port, ChunkedHead + string.Concat(Enumerable.Repeat($"1;{new string('x', 1000)}\r\n{{\r\n", 20_000)) + "0\r\n\r\n"));

        response.ShouldBeProblem(413, "payload_too_large");
    }

    [Fact]
    public async Task The_longest_message_is_accepted_with_every_character_escaped()
    {
        var id = await Api.Create();
        var metadata = $$"""{"fill":"{{new string('m', (16 * 1024) - 11)}}"}""";
        var content = string.Concat(Enumerable.Repeat("""\ud83d\ude00""", 100_000));

        var response = (await Api.Post($"/api/sessions/{id}/messages", $$"""{"role":"user","content":"{{content}}","metadata":{{metadata}}}""")).Should(201);

        Assert.Equal(string.Concat(Enumerable.Repeat("😀", 100_000)), response.Text("content"));
        Assert.Equal(metadata, response.Json.GetProperty("metadata").GetRawText());
    }

    private static string ChunkedHead =>
        $"POST /api/sessions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TestToken.For(OrionServer.Owner)}\r\n"
        + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";

    private Task<ApiResponse> SendChunked(string body, int chunk)
    {
        var request = new StringBuilder(ChunkedHead);
        for (var at = 0; at < body.Length; at += chunk)
        {
            var size = Math.Min(chunk, body.Length - at);
            request.Append(size.ToString("x", CultureInfo.InvariantCulture)).Append("\r\n").Append(body, at, size).Append("\r\n");
        }

        return RawHttp.SendText(Server.Port, request.Append("0\r\n\r\n").ToString());
    }

    private static ByteArrayContent Json(string text)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = new("application/json");
        return content;
    }

    // Fourteen messages of about 400,000 bytes.
    private async Task<string> LargeSession()
    {
        var id = await Api.Create();
        var content = string.Concat(Enumerable.Repeat("😀", 100_000));
        for (var n = 0; n < 14; n++) await Api.Append(id, content);
        return id;
    }
}

[Collection(OnPostgres.Name)]
public sealed class BodyAndResponseSizesOnPostgres(PostgresOrion orion) : BodyAndResponseSizes(orion);

[Collection(OnSqlite.Name)]
public sealed class BodyAndResponseSizesOnSqlite(SqliteOrion orion) : BodyAndResponseSizes(orion);
