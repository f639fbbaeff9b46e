using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orion.IntegrationTests.Hosting;

/// <summary>
/// An event stream has no time limit, and its reader no minimum rate; but the reader must accept each write within 300 s, which are 15 s here.
/// </summary>
public sealed class SlowEventStreams : IAsyncLifetime
{
    private static readonly TimeSpan LongerThanAnything = TimeSpan.FromSeconds(1.3 * 300) / FastClock.Factor;
    private static readonly TimeSpan LongerThanKestrelsGrace = TimeSpan.FromSeconds(8);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly SqliteDatabase _database = new();
    private OrionServer? _server;

    private OrionServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        _server = await OrionServer.Start(_database, SpeedUpClock);
        Server.Model.TakeCalls();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task An_idle_stream_stays_open_and_pings()
    {
        using var reply = await Server.Api.OpenReply(await Server.Api.Create());
        var call = await Server.Model.NextCall();
        using var chat = await Server.Api.Open(HttpMethod.Post, "/api/chat-stream-v2", new { message = "Hello" });
        var chatCall = await Server.Model.NextCall();

        await Task.Delay(LongerThanAnything, Ct);
        call.Write("Late").Finish();
        chatCall.Write("Late").Finish();

        var events = await reply.ToEnd();
        Assert.Equal("[DONE]", events[^1].Data);
        Assert.Contains(events, one => one is { Id: null, Data: ": ping" });
        await chat.ToEnd();
        Assert.Contains("\n\n: ping\n\n", chat.Received, StringComparison.Ordinal);
        Assert.EndsWith("data: {\"type\":\"content\",\"text\":\"Late\"}\n\ndata: {\"type\":\"done\"}\n\n", chat.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_below_the_minimum_rate_of_other_responses_gets_everything()
    {
        var (path, text) = await LongReply();
        using var reader = await SlowReader.Open(Server.Port, path, accept: "text/event-stream");

        await Task.Delay(LongerThanKestrelsGrace, Ct);

        var whole = (await RawHttp.Read(reader.Socket, $"GET {path} HTTP/1.1", Ct)).Should(200).BodyText;
        Assert.EndsWith("data: [DONE]\n\n", whole, StringComparison.Ordinal);
        Assert.Equal(text, string.Concat(whole.Split('\n').Where(line => line.Contains("\"text-delta\"", StringComparison.Ordinal))
            .Select(line => new StreamEvent(null, line["data: ".Length..]).Json.GetProperty("delta").GetString())));
    }

    [Fact]
    public async Task A_reader_that_accepts_nothing_is_cut_without_an_error()
    {
        var (path, text) = await LongReply();
        using var reader = await SlowReader.Open(Server.Port, path, accept: "text/event-stream");

        await Eventually.Until(() => Server.Log.All.Any(line => line.Event.Id == 3006), "Not cut.", within: LongerThanAnything);

        Assert.All(Server.Log.All, line => Assert.True(line.Level < LogLevel.Error, $"{line}"));
        Assert.True(await reader.Drain() < text.Length);
    }

    private static void SpeedUpClock(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TimeProvider>(new FastClock());
        SlowReader.UseSmallSendBuffer(builder);
    }

    // A reply that has ended, with as much text as possible.
    private async Task<(string Path, string Text)> LongReply()
    {
        var text = string.Concat(Enumerable.Repeat("0123456789\u00e9\u20ac\U0001F600\n", 100_000 / 14));
        using var stream = await Server.Api.OpenReply(await Server.Api.Create());
        var call = await Server.Model.NextCall();
        for (var i = 0; i < text.Length; i += 150) call.Write(text[i..Math.Min(i + 150, text.Length)]);
        call.Think(new string('r', 99_000)).Finish();
        await stream.ToEnd();
        return (stream.Header("Location")!, text);
    }
}
