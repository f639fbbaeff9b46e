using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orion.Api.Replies;
using Orion.Domain.Users;

namespace Orion.IntegrationTests.Export;

/// <summary>An export has no time limit, and a client that reads slowly holds no connection to the database. 300 s are 15 s here.</summary>
public sealed class SlowExports(PostgresServers servers) : IAsyncLifetime
{
    private static readonly TimeSpan LongerThanAnything = TimeSpan.FromSeconds(1.2 * 300) / FastClock.Factor;
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private PostgresDatabase _database = null!;
    private OrionServer? _server;

    private OrionServer Server => _server!;

    public async ValueTask InitializeAsync() => _database = await PostgresDatabase.Create(await servers.Shared());

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_slow_reader_gets_everything_and_holds_no_connection()
    {
        await Start(builder => builder.Services.AddSingleton<TimeProvider>(new FastClock()));
        await Fill();
        var whole = (await Server.Api.Get("/api/export")).Should(200).Body;
        Assert.True(whole.Length > 4 * 1024 * 1024);
        // More than the pool has connections.
        var readers = new List<SlowReader>();
        for (var n = 0; n < 4; n++) readers.Add(await SlowReader.Open(Server.Port, "/api/export"));

        await Task.Delay(LongerThanAnything, Ct);
        (await Server.Api.Get("/api/sessions")).Should(200);

        foreach (var reader in readers[1..]) reader.Dispose();
        Assert.Equal(whole, (await RawHttp.Read(readers[0].Socket, "GET /api/export HTTP/1.1", Ct)).Should(200).Body);
        readers[0].Dispose();
        NoErrors();
    }

    [Fact]
    public async Task An_export_counts_as_one_of_20_open_streams()
    {
        await Start();
        await Fill();
        var readers = new List<SlowReader>();
        for (var n = 0; n < OpenStreams.MaxPerUser; n++)
        {
            readers.Add(await SlowReader.Open(Server.Port, "/api/export"));
            Assert.StartsWith("HTTP/1.1 200 OK", await readers[^1].Head(Ct), StringComparison.Ordinal);
        }

        (await Server.Api.Get("/api/export")).ShouldBeProblem(429, "too_many_replies");

        readers[0].Dispose();
        await Eventually.Until(async () => (await Server.Api.Get("/api/export")).Status == 200, "No slot is free.");
        foreach (var reader in readers) reader.Dispose();
        NoErrors();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_revocation_and_a_deleted_session_abort_the_connection_without_an_error(bool isRevocation)
    {
        await Start();
        var session = await Fill();
        using var reader = await SlowReader.Open(Server.Port, "/api/export");
        Assert.StartsWith("HTTP/1.1 200 OK", await reader.Head(Ct), StringComparison.Ordinal);

        if (isRevocation)
        {
            (await Server.Api.Post("/api/tokens/revoke", null)).Should(204);
            // Although the client reads nothing meanwhile.
            var owner = UserId.From(Guid.Parse((await _database.Query("SELECT id FROM authorized_users"))[0].TrimEnd('|')));
            await Eventually.Until(() => Server.Services.GetRequiredService<OpenStreams>().Count(owner) == 0, "It goes on.");
        }
        else
        {
            (await Server.Api.Delete($"/api/sessions/{session}")).Should(204);
        }

        var received = await reader.Drain().WaitAsync(TimeSpan.FromSeconds(30), Ct);
        Assert.True(received < 4 * 1024 * 1024, $"{received} bytes");
        NoErrors();
    }

    private void NoErrors() => Assert.All(Server.Log.All, line => Assert.True(line.Level < LogLevel.Error, $"{line}"));

    private async Task Start(Action<WebApplicationBuilder>? configure = null) =>
        _server = await OrionServer.Start(
            _database, (Action<WebApplicationBuilder>)SlowReader.UseSmallSendBuffer + configure, ("DB_POOL_SIZE", "2"));

    // More than 4 MiB.
    private async Task<string> Fill()
    {
        var session = await Server.Api.Create();
        for (var n = 0; n < 50; n++) await Server.Api.Append(session, new string('a', 100_000));
        return session;
    }
}
