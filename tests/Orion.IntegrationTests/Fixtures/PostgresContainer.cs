using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;
using Testcontainers.PostgreSql;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>PostgreSQL in a container, if a Docker engine responds.</summary>
internal sealed class PostgresContainer : IStoppablePostgres
{
    private const string ImageVariable = "ORION_TEST_POSTGRES_IMAGE";
    private const string OfficialImage = "postgres:18";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private readonly PostgreSqlContainer _container;

    private PostgresContainer(PostgreSqlContainer container)
    {
        _container = container;
        Superuser = new NpgsqlConnectionStringBuilder(container.GetConnectionString());
        // In a sandbox, Testcontainers returns the engine's gateway, because it assumes a container. The port is on this machine
        // nevertheless.
        if (IsReachable(IPAddress.Loopback, Superuser.Port)) Superuser.Host = IPAddress.Loopback.ToString();
        // If the reaper of Testcontainers is disabled, nothing else removes the container after Ctrl-C.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => _container.DisposeAsync().AsTask().Wait(Timeout);
    }

    public NpgsqlConnectionStringBuilder Superuser { get; }

    /// <summary>The configured image, or the official one.</summary>
    public static string Image => Environment.GetEnvironmentVariable(ImageVariable) is { Length: > 0 } image ? image : OfficialImage;

    /// <summary>Whether an image is configured. Then there is no fallback.</summary>
    public static bool IsImageConfigured => Environment.GetEnvironmentVariable(ImageVariable) is { Length: > 0 };

    /// <summary>Whether an engine responds within 3 s.</summary>
    public static async Task<bool> EngineResponds()
    {
        var host = Environment.GetEnvironmentVariable("DOCKER_HOST");
        if (string.IsNullOrEmpty(host)) host = "unix:///var/run/docker.sock";
        if (!Uri.TryCreate(host, UriKind.Absolute, out var address)) return false;

        var isSocket = address.Scheme == "unix";
        if (isSocket && !File.Exists(address.AbsolutePath)) return false;

        using var handler = new SocketsHttpHandler();
        if (isSocket)
        {
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.AbsolutePath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        using var http = new HttpClient(handler) { Timeout = Timeout };
        try
        {
            using var response = await http.GetAsync(new Uri(isSocket ? "http://localhost/_ping" : $"http://{address.Authority}/_ping"));
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>Starts one.</summary>
    public static async Task<PostgresContainer> Create()
    {
        var container = new PostgreSqlBuilder(Image)
            .WithUsername("orion")
            .WithPassword(RandomNumberGenerator.GetHexString(32, lowercase: true))
            .WithDatabase("postgres")
            // The port must be the same after a restart.
            .WithPortBinding(PostgresCluster.FreePort(), PostgreSqlBuilder.PostgreSqlPort)
            // Testcontainers disables synchronous_commit, so a killed server could lose acknowledged commits.
            .WithCommand("-c", "synchronous_commit=on", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200")
            .Build();
        try
        {
            await container.StartAsync();
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }

        return new PostgresContainer(container);
    }

    private static bool IsReachable(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(address, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public Task Start() => _container.StartAsync();

    public Task Stop() => _container.StopAsync();

    public Task Freeze() => _container.PauseAsync();

    public Task Thaw() => _container.UnpauseAsync();

    public ValueTask DisposeAsync() => _container.DisposeAsync();
}
