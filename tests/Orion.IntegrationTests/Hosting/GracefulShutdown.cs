using System.Net.Sockets;
using System.Text;

namespace Orion.IntegrationTests.Hosting;

/// <summary>A stop as an operator's tools ask for it: contract, section 7 (requests under way get 10 s).</summary>
public sealed class GracefulShutdown : IAsyncLifetime
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(15);
    private readonly SqliteDatabase _database = new();
    private readonly int _port = PostgresCluster.FreePort();
    private OrionProcess? _orion;

    private OrionProcess Orion => _orion!;

    public async ValueTask InitializeAsync()
    {
        _orion = OrionProcess.Start(_database.DataFolder, OrionProcess.Environment(_database, _port));
        using var http = new HttpClient();
        await Eventually.Until(
            async () =>
            {
                if (_orion.HasEnded) throw new Xunit.Sdk.XunitException($"It did not start:\n{_orion.Output}");
                try
                {
                    return (await http.GetAsync(new Uri($"http://127.0.0.1:{_port}/health/ready"))).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "It did not get ready.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_orion is not null) await _orion.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_request_under_way_gets_its_answer_and_the_process_ends_well(string signal)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"firstMessage":"{{new string('x', 4000)}}"}""");
        using var socket = await Begin(body.Length);
        await socket.SendAsync(body.AsMemory(0, 2000), TestContext.Current.CancellationToken);
        // Its handler has begun, and reads.
        await Task.Delay(200, TestContext.Current.CancellationToken);

        var start = TimeProvider.System.GetTimestamp();
        await Orion.Signal(signal);
        await Eventually.Until(async () => await Refuses(), "It still takes new connections.");
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.False(Orion.HasEnded, $"It did not wait:\n{Orion.Output}");
        await socket.SendAsync(body.AsMemory(2000), TestContext.Current.CancellationToken);
        var answer = await RawHttp.Read(socket, "POST /api/sessions", TestContext.Current.CancellationToken);

        answer.Should(201);
        var ended = await Orion.Ends(AtMost);
        Assert.True(TimeProvider.System.GetElapsedTime(start) < AtMost);
        Assert.Equal(0, ended.ExitCode);
        Assert.DoesNotContain("Exception", ended.Output, StringComparison.Ordinal);
        Assert.Equal(["1|"], await _database.Query("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task A_request_that_never_ends_is_cut_and_the_process_ends_well()
    {
        using var enough = new CancellationTokenSource();
        using var socket = await Begin(900_000);
        var sending = Trickle(socket, enough.Token);
        await Task.Delay(200, TestContext.Current.CancellationToken);

        var start = TimeProvider.System.GetTimestamp();
        await Orion.Signal("TERM");
        var ended = await Orion.Ends(AtMost);

        Assert.True(TimeProvider.System.GetElapsedTime(start) is var took && took > TimeSpan.FromSeconds(8) && took < AtMost, $"{took}");
        Assert.Equal(0, ended.ExitCode);
        Assert.False(ended.Output.Contains("defect", StringComparison.Ordinal), ended.Output);
        Assert.Equal(["0|"], await _database.Query("SELECT count(*) FROM sessions"));
        await enough.CancelAsync();
        await sending;
    }

    [Fact]
    public async Task Connections_that_wait_for_nothing_hold_nobody_up()
    {
        using var idle = await RawHttp.Connect(_port);
        using var http = new HttpClient();
        (await http.GetAsync(new Uri($"http://127.0.0.1:{_port}/health/live"), TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();

        var start = TimeProvider.System.GetTimestamp();
        await Orion.Signal("TERM");
        var ended = await Orion.Ends(AtMost);

        Assert.Equal(0, ended.ExitCode);
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(5), $"{TimeProvider.System.GetElapsedTime(start)}");
    }

    [Fact]
    public async Task A_kept_connection_gets_one_more_answer_that_says_it_is_the_last()
    {
        var request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();
        using var kept = await RawHttp.Connect(_port);
        await kept.SendAsync(request, TestContext.Current.CancellationToken);
        var before = new byte[16 * 1024];
        var length = await kept.ReceiveAsync(before, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("Connection: close", Encoding.Latin1.GetString(before, 0, length), StringComparison.OrdinalIgnoreCase);

        await Orion.Signal("TERM");
        await Eventually.Until(async () => await Refuses(), "It still takes new connections.");
        await kept.SendAsync(request, TestContext.Current.CancellationToken);
        var answer = await RawHttp.Read(kept, "GET /health/live", TestContext.Current.CancellationToken);

        answer.Should(200);
        Assert.Equal("close", answer.Header("Connection"));
        Assert.Equal(0, (await Orion.Ends(AtMost)).ExitCode);
    }

    private async Task<Socket> Begin(int length)
    {
        var socket = await RawHttp.Connect(_port);
        var head = $"POST /api/sessions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TestToken.For(OrionServer.Owner)}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(head));
        return socket;
    }

    // Fast enough for the least rate that a body must come at.
    private static async Task Trickle(Socket socket, CancellationToken enough)
    {
        var some = Encoding.ASCII.GetBytes(new string(' ', 200));
        try
        {
            while (!enough.IsCancellationRequested)
            {
                await socket.SendAsync(some, enough);
                await Task.Delay(200, enough);
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // Cut.
        }
    }

    private async Task<bool> Refuses()
    {
        try
        {
            using var socket = await RawHttp.Connect(_port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
