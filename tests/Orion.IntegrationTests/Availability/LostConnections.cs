using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Orion.IntegrationTests.Availability;

/// <summary>Connections of the pool that are lost, or cannot be opened, while the database is available.</summary>
public sealed class LostConnections(PostgresServers servers)
{
    private const int AtOnce = 8;
    private static readonly TimeProvider Clock = TimeProvider.System;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_on_a_connection_that_the_server_has_ended_is_retried(bool isCluster)
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        await using var server = await OrionServer.Start(database, ("DATABASE_URL", isCluster ? WithSecondServer(role.Url.Value) : role.Url.Value));
        var id = await server.Api.Create();

        for (var round = 0; round < 5; round++)
        {
            foreach (var response in await Read(server, id)) response.Should(200);
            await role.EndConnections();
            await Eventually.Until(async () => await Connections(database, role) == 0, "They do not end.");
            (await server.Api.Get("/api/sessions")).Should(200);
            (await server.Api.Get($"/api/sessions/{id}")).Should(200);
        }
    }

    [Fact]
    public async Task A_read_is_retried_once_and_a_write_is_not()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var proxy = PostgresProxy.Start(database);
        await using var server = await OrionServer.Start(database, ("DATABASE_URL", proxy.Url));
        var id = await server.Api.Create();
        (await server.Api.Get("/api/sessions")).Should(200);
        var (reads, writes) = (0, 0);
        // The statements are not prepared yet, so their text is sent.
        proxy.OnSent = text =>
        {
            if (text.Contains("INSERT INTO messages", StringComparison.Ordinal))
            {
                writes++;
                return Relay.ForwardAndCut;
            }

            if (!text.Contains("FROM messages", StringComparison.Ordinal)) return Relay.Forward;
            reads++;
            return Relay.Cut;
        };

        (await server.Api.Get($"/api/sessions/{id}/messages")).ShouldBeUnavailable();
        (await server.Api.Post($"/api/sessions/{id}/messages", new { role = "user", content = "Once" })).ShouldBeUnavailable();

        Assert.Equal((2, 1), (reads, writes));
        proxy.OnSent = _ => Relay.Forward;
        Assert.Single((await server.Api.Get($"/api/sessions/{id}/messages")).Should(200).Items("messages"));
    }

    /// <summary>A load balancer has forgotten the connections: before the check replaces its own connection, or after.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    public async Task Half_open_connections_end_within_seconds(int secondsUntilFirstRequest)
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var proxy = PostgresProxy.Start(database);
        await using var server = await OrionServer.Start(database, ("DATABASE_URL", proxy.Url));
        var id = await server.Api.Create();
        await Read(server, id);

        proxy.DropConnections();
        server.Clock.Advance(TimeSpan.FromSeconds(secondsUntilFirstRequest));
        await Eventually.Until(
            async () =>
            {
                var start = Clock.GetTimestamp();
                var write = server.Api.Post($"/api/sessions/{id}/messages", new { role = "user", content = "x" });
                var responses = await Task.WhenAll([.. Requests(server, id), write]);
                // A statement may take 30 s.
                Assert.True(Clock.GetElapsedTime(start) < TimeSpan.FromSeconds(15), $"{Clock.GetElapsedTime(start)}");
                foreach (var failed in responses.Where(response => response.Status is not (200 or 201))) failed.ShouldBeUnavailable();
                return responses.All(response => response.Status is 200 or 201);
            },
            "The connections do not end.");
        await server.BecomesReady();
    }

    /// <summary>A machine that is turned off, and does not even reject a connection.</summary>
    [Fact]
    public async Task A_server_that_does_not_respond_delays_no_request_while_another_one_can_be_written()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        // The kernel discards connections that exceed the backlog.
        using var off = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        off.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        off.Listen(0);
        var port = ((IPEndPoint)off.LocalEndPoint!).Port;
        var backlog = Enumerable.Range(0, 3).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        foreach (var socket in backlog) _ = socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken).AsTask();
        var url = PostgresDatabase.Url(database.Connection).Replace("127.0.0.1:", $"127.0.0.1:{port},127.0.0.1:", StringComparison.Ordinal);
        await using var server = await OrionServer.Start(database, ("DATABASE_URL", url));
        await Eventually.Until(async () => (await server.Api.Get("/api/sessions")).Status == 200, "It does not read.");

        var (checks, reads) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var round = 0; round < 8; round++)
        {
            // Longer than the check keeps its connection.
            server.Clock.Advance(TimeSpan.FromSeconds(11));
            var start = Clock.GetTimestamp();
            await server.Anonymous.Get("/health/ready");
            checks.Add(Clock.GetElapsedTime(start));
            start = Clock.GetTimestamp();
            await server.Api.Get("/api/sessions");
            reads.Add(Clock.GetElapsedTime(start));
        }

        // A busy machine delays some, but the timeout of a connection would delay all.
        Assert.True(checks.Min() < TimeSpan.FromSeconds(1), $"{checks.Min()}");
        Assert.True(reads.Min() < TimeSpan.FromSeconds(3), $"{reads.Min()}");
        foreach (var socket in backlog) socket.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task At_its_connection_limit_the_server_is_unavailable_until_a_connection_is_free(bool isCluster)
    {
        const int Limit = 3;
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        await using var server = await OrionServer.Start(database, ("DATABASE_URL", isCluster ? WithSecondServer(role.Url.Value) : role.Url.Value));
        await role.Alter($"CONNECTION LIMIT {Limit}");
        var others = new List<NpgsqlConnection>();
        await Eventually.Until(
            async () =>
            {
                await role.EndConnections();
                while (others.Count < Limit)
                {
                    var connection = new NpgsqlConnection(role.Connection.ConnectionString);
                    try
                    {
                        await connection.OpenAsync();
                        others.Add(connection);
                    }
                    catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.TooManyConnections)
                    {
                        others.Clear();
                        return false;
                    }
                }

                return true;
            },
            "Another connection takes its place.");

        for (var round = 0; round < 10; round++)
        {
            (await server.Api.Post("/api/sessions", "{}")).ShouldBeUnavailable();
            (await server.Api.Get("/api/sessions")).ShouldBeUnavailable();
        }

        await Eventually.Until(async () => (await server.Anonymous.Get("/health/ready")).Status == 503, "It is ready.");
        foreach (var connection in others) await connection.DisposeAsync();
        await server.BecomesReady();
        await Eventually.Until(async () => (await server.Api.Post("/api/sessions", "{}")).Status == 201, "It does not write.");
    }

    // No server listens on the port.
    private static string WithSecondServer(string url) => url.Insert(url.LastIndexOf('/'), $",127.0.0.1:{PostgresCluster.FreePort()}");

    private static async Task<int> Connections(PostgresDatabase database, DatabaseRole role) =>
        (await database.Query("SELECT 1 FROM pg_stat_activity WHERE usename = @p0", role.Name)).Count;

    private static Task<ApiResponse[]> Read(OrionServer server, string id) => Task.WhenAll(Requests(server, id));

    private static IEnumerable<Task<ApiResponse>> Requests(OrionServer server, string id) =>
        Enumerable.Range(0, AtOnce).Select(n => server.Api.Get(n % 2 == 0 ? "/api/sessions" : $"/api/sessions/{id}"));
}
