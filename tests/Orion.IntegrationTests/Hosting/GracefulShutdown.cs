using System.Net.Sockets;
using System.Text;

namespace Orion.IntegrationTests.Hosting;

/// <summary>A shutdown by a signal: contract, section 7 (running requests get 10 s).</summary>
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
    public async Task A_running_request_gets_its_response_and_the_process_exits_with_0(string signal)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"firstMessage":"{{new string('x', 4000)}}"}""");
        using var socket = await Begin(body.Length);
        await socket.SendAsync(body.AsMemory(0, 2000), TestContext.Current.CancellationToken);
        // Its handler has started, and reads the body.
        await Task.Delay(200, TestContext.Current.CancellationToken);

        var start = TimeProvider.System.GetTimestamp();
        await Orion.Signal(signal);
        await Eventually.Until(async () => await RejectsConnections(), "It still takes new connections.");
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.False(Orion.HasEnded, $"It did not wait:\n{Orion.Output}");
        await socket.SendAsync(body.AsMemory(2000), TestContext.Current.CancellationToken);
        var response = await RawHttp.Read(socket, "POST /api/sessions", TestContext.Current.CancellationToken);

        response.Should(201);
        var ended = await Orion.Ends(AtMost);
        Assert.True(TimeProvider.System.GetElapsedTime(start) < AtMost);
        Assert.Equal(0, ended.ExitCode);
        Assert.DoesNotContain("Exception", ended.Output, StringComparison.Ordinal);
        Assert.Equal(["1|"], await _database.Query("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task A_request_that_never_ends_is_aborted_and_the_process_exits_with_0()
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
    public async Task Idle_connections_do_not_delay_the_shutdown()
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
    public async Task An_open_connection_gets_one_more_response_with_Connection_close()
    {
        var request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();
        using var connection = await RawHttp.Connect(_port);
        await connection.SendAsync(request, TestContext.Current.CancellationToken);
        var before = new byte[16 * 1024];
        var length = await connection.ReceiveAsync(before, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("Connection: close", Encoding.Latin1.GetString(before, 0, length), StringComparison.OrdinalIgnoreCase);

        await Orion.Signal("TERM");
        await Eventually.Until(async () => await RejectsConnections(), "It still takes new connections.");
        await connection.SendAsync(request, TestContext.Current.CancellationToken);
        var response = await RawHttp.Read(connection, "GET /health/live", TestContext.Current.CancellationToken);

        response.Should(200);
        Assert.Equal("close", response.Header("Connection"));
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

    // Fast enough for the minimum data rate of a body.
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

    private async Task<bool> RejectsConnections()
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
