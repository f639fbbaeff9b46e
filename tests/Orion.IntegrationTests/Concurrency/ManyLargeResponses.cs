using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Orion.IntegrationTests.Concurrency;

/// <summary>
/// Bodies and responses share one limit in bytes. Clients that keep many of them open delay neither small ones nor other callers.
/// </summary>
public abstract class ManyLargeResponses : IAsyncLifetime
{
    private const int Clients = 100;

    private OrionServer? _server;

    private OrionServer Server => _server!;

    protected abstract Task<TestDatabase> CreateDatabase();

    public async ValueTask InitializeAsync() => _server = await OrionServer.Start(await CreateDatabase(), SlowReader.UseSmallSendBuffer);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_server is null) return;
        await _server.DisposeAsync();
        await _server.Database.DisposeAsync();
    }

    [Fact]
    public async Task A_hundred_clients_that_do_not_read_do_not_delay_small_responses()
    {
        var metadata = new { fill = new string('m', 15_980) };
        for (var n = 0; n < 240; n++) await Server.Api.Create(new { metadata });

        await ReadersShareTheMemory("/api/sessions/list?limit=1000", token: null);
    }

    [Fact]
    public async Task A_session_token_has_the_same_limit()
    {
        var id = await Server.Api.Create();
        for (var n = 0; n < 40; n++) await Server.Api.Append(id, new string('a', 100_000));

        await ReadersShareTheMemory($"/api/sessions/{id}/messages?limit=1000", await Server.Api.Mint(id));
    }

    [Fact]
    public async Task Clients_that_do_not_finish_their_bodies_do_not_delay_small_ones()
    {
        const int Length = 2_000_000;
        var sockets = await UnfinishedBodies("/api/sessions", TestToken.For(OrionServer.Owner).ToString(), Length);
        for (var n = 0; n < 20; n++) await Server.Api.Create(new { firstMessage = "Small" });

        foreach (var socket in sockets) socket.Dispose();
        var large = """{"title":"Large"}""".PadRight(Length);
        await Eventually.Until(async () => (await Server.Api.Post("/api/sessions", large)).Status == 201, "The memory was not given back.");
        NoErrors();
    }

    [Fact]
    public async Task Bodies_of_a_session_token_do_not_delay_large_responses_to_its_user()
    {
        var id = await Server.Api.Create();
        for (var n = 0; n < 40; n++) await Server.Api.Append(id, new string('a', 100_000));

        var sockets = await UnfinishedBodies($"/api/sessions/{id}/messages", await Server.Api.Mint(id), length: 2_000_000);

        (await Server.Api.Get($"/api/sessions/{id}/messages?limit=1000")).Should(200);
        Assert.Single(Server.Log.All, line => line.Event.Id == 3005);
        foreach (var socket in sockets) socket.Dispose();
        NoErrors();
    }

    // So many that some are rejected.
    private async Task<List<Socket>> UnfinishedBodies(string path, string token, int length)
    {
        var body = Encoding.ASCII.GetBytes("{".PadRight(length - 1));
        var sockets = new List<Socket>();
        for (var n = 0; n < 40; n++)
        {
            var socket = await RawHttp.Connect(Server.Port);
            sockets.Add(socket);
            await socket.SendAsync(Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
                + $"Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"));
            // A rejected body is not read to its end.
            _ = socket.SendAsync(body).ContinueWith(
                sent => sent.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        await Eventually.Until(() => sockets.Any(socket => socket.Available > 0), "No request was rejected.");
        Assert.Contains(" 503 ", await Beginning(sockets.First(socket => socket.Available > 0)), StringComparison.Ordinal);
        return sockets;
    }

    private async Task ReadersShareTheMemory(string path, string? token)
    {
        var readers = new List<SlowReader>();
        for (var n = 0; n < Clients; n++) readers.Add(await SlowReader.Open(Server.Port, path, token));

        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var heads = Task.WhenAll(readers.Select(reader => reader.Head(enough.Token)));
        do (await Server.Api.Get("/api/sessions?limit=1")).Should(200);
        while (!heads.IsCompleted);

        var statuses = (await heads).ToLookup(head => head.Split(' ')[1]);
        Assert.Equal(["200", "503"], statuses.Select(status => status.Key).Order());
        Assert.All(statuses["503"], head => Assert.Contains("\r\nRetry-After: 1\r\n", head, StringComparison.Ordinal));

        // They still do not read, so a large response is rejected until they disconnect.
        var caller = token is null ? Server.Api : Server.With(token);
        (await caller.Get(path)).ShouldBeUnavailable();
        if (token is not null) (await Server.Api.Get(path)).Should(200);
        foreach (var reader in readers) reader.Dispose();
        await Eventually.Until(async () => (await caller.Get(path)).Status == 200, "The memory was not given back.");
        NoErrors();
    }

    private static async Task<string> Beginning(Socket socket)
    {
        var bytes = new byte[100];
        return Encoding.Latin1.GetString(bytes, 0, await socket.ReceiveAsync(bytes));
    }

    private void NoErrors() => Assert.All(Server.Log.All, line => Assert.True(line.Level < LogLevel.Error, $"{line}"));
}

public sealed class ManyLargeResponsesOnPostgres(PostgresServers servers) : ManyLargeResponses
{
    protected override async Task<TestDatabase> CreateDatabase() => await PostgresDatabase.Create(await servers.Shared());
}

public sealed class ManyLargeResponsesOnSqlite : ManyLargeResponses
{
    protected override Task<TestDatabase> CreateDatabase() => Task.FromResult<TestDatabase>(new SqliteDatabase());
}
