using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Orion.Api.Replies;
using Orion.Domain.Users;

namespace Orion.IntegrationTests.Replies;

/// <summary>The protections of every response (contract, section 7) on event streams.</summary>
public sealed partial class StreamProtections : DedicatedTests
{
    private const string Chat = "/api/chat-stream-v2";

    private static readonly (string, string) Accept = ("Accept", "text/event-stream");

    [Fact]
    public async Task Each_stream_counts_once_and_has_the_headers_of_every_response()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "100"));
        var session = await server.Api.Create();
        (string, string)[] headers = [Accept, ("Origin", OrionServer.Origin), ("X-Request-Id", "stream-7")];
        server.Model.TakeCalls();

        var began = server.Api.Post($"/api/sessions/{session}/replies", new { content = "Hello" }, headers);
        var call = await server.Model.NextCall();
        var resumed = server.Api.Get($"/api/sessions/{session}/stream", headers);
        var owner = (await server.Database.Query("SELECT id FROM authorized_users WHERE email = @p0", OrionServer.Owner))[0].TrimEnd('|');
        var streams = server.Services.GetRequiredService<OpenStreams>();
        await Eventually.Until(() => resumed.IsCompleted || streams.Count(UserId.From(Guid.Parse(owner))) == 2, "No second stream.");
        for (var n = 0; n < 50; n++) call.Write($"{n} ");
        call.Finish();
        var chat = server.Api.Post(Chat, new { message = "Hello" }, headers);
        (await server.Model.NextCall()).Write("Hello").Finish();
        ApiResponse[] responses =
        [
            await began, await resumed, await chat,
            await server.Api.Get((await began).Required("Location"), headers), await server.Api.Get((await began).Required("Location"), [.. headers, ("Last-Event-ID", "9")]),
        ];

        Assert.All(responses, response =>
        {
            Assert.Equal("text/event-stream", SecurityHeaderAssertions.ShouldBeOn(response.Should(200)).ContentType);
            Assert.Equal("stream-7", response.Header("X-Request-Id"));
            Assert.Equal(OrionServer.Origin, response.Header("Access-Control-Allow-Origin"));
            Assert.Equal("true", response.Header("Access-Control-Allow-Credentials"));
            Assert.Contains("RateLimit", response.Required("Access-Control-Expose-Headers").Split(", "));
            Assert.Equal("\"default\";q=100;w=900", response.Header("RateLimit-Policy"));
        });
        // The session was the first request.
        Assert.Equal([94, 95, 96, 97, 98], responses.Select(Left).Order());
        Assert.Equal(93, Left(await server.Api.Get("/api/me")));
    }

    [Fact]
    public async Task A_stream_beyond_the_rate_limit_is_rejected_and_begins_nothing_and_open_ones_go_on()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "3"));
        var session = await server.Api.Create();
        server.Model.TakeCalls();
        using var open = await server.Api.OpenReply(session);
        var call = await server.Model.NextCall();
        (await server.Api.Get("/api/me")).Should(200);
        var before = await server.Database.Snapshot();

        foreach (var (method, path) in (IEnumerable<(HttpMethod, string)>)
            [(HttpMethod.Post, Chat), (HttpMethod.Get, $"/api/sessions/{session}/stream"), (HttpMethod.Get, open.Header("Location")!)])
        {
            var rejected = method == HttpMethod.Get ? await server.Api.Get(path, Accept) : await server.Api.Post(path, new { message = "Hello" }, Accept);
            Assert.NotNull(rejected.ShouldBeProblem(429, "rate_limited").Header("Retry-After"));
            Assert.Equal(0, Left(rejected));
        }

        Assert.Equal(before, await server.Database.Snapshot());
        call.Write("Goes on").Finish();
        Assert.Equal("[DONE]", (await open.ToEnd())[^1].Data);
    }

    private static int Left(ApiResponse response) =>
        int.Parse(Remaining().Match(response.Required("RateLimit")).Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("^\"default\";r=([0-9]+);t=[0-9]+$")]
    private static partial Regex Remaining();
}
