using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>What the proxy does with data that Orion sends.</summary>
internal enum Relay
{
    Forward,

    /// <summary>Closes the connection.</summary>
    Cut,

    /// <summary>Forwards it, waits for the response, and closes the connection instead of forwarding that.</summary>
    ForwardAndCut,
}

/// <summary>A proxy between Orion and PostgreSQL that counts round trips, and can delay data, and cut or drop connections.</summary>
internal sealed class PostgresProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly PostgresDatabase _database;
    private int _roundTrips;
    private int _accepted;
    private volatile int _dropped;

    private PostgresProxy(PostgresDatabase database)
    {
        _database = database;
        _listener.Start();
        _ = Accept();
    }

    /// <summary>The database through the proxy.</summary>
    public string Url => PostgresDatabase.Url(
        new(_database.Connection.ConnectionString) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port });

    /// <summary>Decides what happens to data that Orion sends.</summary>
    public Func<string, Relay> OnSent { get; set; } = _ => Relay.Forward;

    /// <summary>Waits before data that Orion sends is forwarded.</summary>
    public Func<string, Task> BeforeSent { get; set; } = _ => Task.CompletedTask;

    public static PostgresProxy Start(PostgresDatabase database) => new(database);

    /// <summary>Counts how often Orion sends something meanwhile and waits for the response.</summary>
    public async Task<int> RoundTrips(Func<Task> work)
    {
        Interlocked.Exchange(ref _roundTrips, 0);
        await work();
        return Volatile.Read(ref _roundTrips);
    }

    /// <summary>
    /// From now on, discards all data of the connections that are open, and closes none: like a load balancer that has forgotten them.
    /// </summary>
    public void DropConnections() => _dropped = Volatile.Read(ref _accepted);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true) _ = Connect(await _listener.AcceptSocketAsync(_stopping.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task Connect(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var accepted = client;
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(_database.Connection.Host!, _database.Connection.Port);
            var connection = new Connection(this, client, server);
            await await Task.WhenAny(connection.FromClient(), connection.FromServer());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // One of the two has closed the connection.
        }
    }

    private sealed class Connection(PostgresProxy proxy, Socket client, Socket server)
    {
        private readonly int _number = Interlocked.Increment(ref proxy._accepted);
        private volatile bool _hasResponse = true;
        private volatile bool _cuts;

        private bool IsDropped => _number <= proxy._dropped;

        public async Task FromClient()
        {
            var buffer = new byte[64 * 1024];
            while (await client.ReceiveAsync(buffer) is > 0 and var length)
            {
                if (IsDropped) continue;
                var text = Encoding.Latin1.GetString(buffer, 0, length);
                if (_hasResponse) Interlocked.Increment(ref proxy._roundTrips);
                _hasResponse = false;
                await proxy.BeforeSent(text);
                var relay = proxy.OnSent(text);
                if (relay == Relay.Cut) return;
                _cuts = relay == Relay.ForwardAndCut;
                await server.SendAsync(buffer.AsMemory(0, length));
            }
        }

        public async Task FromServer()
        {
            var buffer = new byte[64 * 1024];
            while (await server.ReceiveAsync(buffer) is > 0 and var length)
            {
                if (IsDropped) continue;
                if (_cuts)
                {
                    // ReadyForQuery ends the response. What arrives before, such as a notice, may precede the commit.
                    if (length >= 6 && buffer[length - 6] == 'Z') return;
                    continue;
                }

                _hasResponse = true;
                await client.SendAsync(buffer.AsMemory(0, length));
            }
        }
    }
}
