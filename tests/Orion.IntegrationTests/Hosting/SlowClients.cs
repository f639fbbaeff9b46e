using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orion.IntegrationTests.Hosting;

/// <summary>
/// The time of a slow connection does not count against the 30 s for the work. It has its own limit of 300 s: contract, section 7. Here
/// they
/// are 1.5 s and 15 s.
/// </summary>
public sealed class SlowClients : IAsyncLifetime
{
    private static readonly TimeSpan LongerThanTheWork = TimeSpan.FromSeconds(2 * 30) / FastClock.Factor;
    private static readonly TimeSpan LongerThanAnything = TimeSpan.FromSeconds(1.5 * 300) / FastClock.Factor;
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly SqliteDatabase _database = new();
    private OrionServer? _server;

    private OrionServer Server => _server!;

    public async ValueTask InitializeAsync() => _server = await OrionServer.Start(_database, SpeedUpClock);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_body_may_take_longer_than_the_work()
    {
        var body = Encoding.UTF8.GetBytes("""{"title":"Slow"}""".PadRight(95_000));
        using var socket = await RawHttp.Connect(Server.Port);
        await socket.SendAsync(Head(body.Length), Ct);

        await SendSlowly(socket, body, LongerThanTheWork);

        Assert.Equal("Slow", (await RawHttp.Read(socket, "POST /api/sessions HTTP/1.1", Ct)).Should(201).Text("title"));
    }

    [Fact]
    public async Task A_body_that_takes_too_long_times_out()
    {
        var before = await _database.Snapshot();
        using var socket = await RawHttp.Connect(Server.Port);
        await socket.SendAsync(Head(1_000_000), Ct);
        // Faster than the minimum rate, but too slow overall.
        var sending = SendSlowly(socket, new byte[100_000], LongerThanAnything);

        var response = await RawHttp.Read(socket, "POST /api/sessions HTTP/1.1", Ct);

        response.ShouldBeProblem(408, "request_timeout");
        Assert.Equal("close", response.Required("Connection"));
        Assert.Equal(before, await _database.Snapshot());
        NoErrors();
        await Record.ExceptionAsync(() => sending);
    }

    [Fact]
    public async Task A_response_may_take_longer_than_the_work()
    {
        var path = await LargePage();
        var whole = (await Server.Api.Get(path)).Should(200).Body;
        using var reader = await SlowReader.Open(Server.Port, path);

        await Task.Delay(LongerThanTheWork, Ct);

        Assert.Equal(whole, (await RawHttp.Read(reader.Socket, $"GET {path} HTTP/1.1", Ct)).Should(200).Body);
    }

    [Fact]
    public async Task A_response_that_is_not_read_is_aborted_without_an_error()
    {
        using var reader = await SlowReader.Open(Server.Port, await LargePage());

        await Eventually.Until(() => Server.Log.All.Any(line => line.Event.Id == 3006), "Not cut.", within: LongerThanAnything);

        NoErrors();
        var all = await reader.Drain();
        Assert.True(all < 4_000_000, $"{all} bytes");
    }

    private static void SpeedUpClock(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TimeProvider>(new FastClock());
        SlowReader.UseSmallSendBuffer(builder);
    }

    private static byte[] Head(int length) => Encoding.ASCII.GetBytes(
        $"POST /api/sessions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TestToken.For(OrionServer.Owner)}\r\n"
        + $"Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");

    private static async Task SendSlowly(System.Net.Sockets.Socket socket, byte[] body, TimeSpan time)
    {
        const int Parts = 40;
        foreach (var part in body.Chunk((body.Length + Parts - 1) / Parts))
        {
            await socket.SendAsync(part, Ct);
            await Task.Delay(time / Parts, Ct);
        }
    }

    // About 4 MB of messages.
    private async Task<string> LargePage()
    {
        var id = await Server.Api.Create();
        for (var n = 0; n < 40; n++) await Server.Api.Append(id, new string('a', 100_000));
        return $"/api/sessions/{id}/messages?limit=1000";
    }

    private void NoErrors() => Assert.All(Server.Log.All, line => Assert.True(line.Level < LogLevel.Error, $"{line}"));
}
