using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// A private PostgreSQL from the programs of the machine, never run as root: a temporary folder, a free port on 127.0.0.1, a random
/// password. A shell (cluster.sh) owns it and stops it when this process has ended.
/// </summary>
internal sealed class PostgresCluster : IStoppablePostgres
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(120);

    // The system may return a port twice before it is used.
    private static readonly ConcurrentDictionary<int, bool> ReturnedPorts = new();

    private readonly Process _shell;
    private readonly SemaphoreSlim _lock = new(1);

    private PostgresCluster(Process keeper, string password)
    {
        _shell = keeper;
        Superuser = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Username = "orion",
            Password = password,
            Database = "postgres",
        };
    }

    public NpgsqlConnectionStringBuilder Superuser { get; }

    /// <summary>Creates the cluster and starts it.</summary>
    public static Task<PostgresCluster> Create(PostgresBinaries binaries) =>
        Create(binaries, RandomNumberGenerator.GetHexString(32, lowercase: true), primary: null);

    /// <summary>Creates a streaming replica and starts it. From then on, this server waits for it at each commit.</summary>
    public async Task<PostgresCluster> CreateReplica()
    {
        var replica = await Create(PostgresBinaries.Find()!, Superuser.Password!, Superuser.Port);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Superuser.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await Eventually.Until(
            async () => await Scalar("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") is > 0L, "The replica does not stream.");
        await Scalar("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await Scalar("SELECT pg_reload_conf()");
        return replica;

        async Task<object?> Scalar(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteScalarAsync();
        }
    }

    private static async Task<PostgresCluster> Create(PostgresBinaries binaries, string password, int? primary)
    {
        var cluster = new PostgresCluster(await StartShell(binaries, password, primary), password);
        try
        {
            await cluster.ReadReply();
            for (var attempt = 1; ; attempt++)
            {
                cluster.Superuser.Port = FreePort();
                try
                {
                    await cluster.Start();
                    return cluster;
                }
                catch (InvalidOperationException) when (attempt < 3)
                {
                    // Another program has opened the port in the meantime.
                }
            }
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Task Start() => SendCommand($"start {Superuser.Port}");

    public Task Stop() => SendCommand("stop");

    /// <summary>Makes a replica a primary.</summary>
    public Task Promote() => SendCommand("promote");

    /// <summary>Kills all its processes.</summary>
    public Task Kill() => SendCommand("kill");

    public Task Freeze() => SendCommand("freeze");

    public Task Thaw() => SendCommand("thaw");

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync().WaitAsync(Timeout);
        _shell.Dispose();
        _lock.Dispose();
    }

    internal static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (ReturnedPorts.TryAdd(port, true)) return port;
        }
    }

    private static async Task<Process> StartShell(PostgresBinaries binaries, string password, int? primary)
    {
        var script = await Read("cluster.sh");
        // Another user must be able to enter the folder. Root's own temporary folder may be inaccessible to it.
        var folder = Environment.IsPrivilegedProcess ? "/tmp" : Path.GetTempPath();
        string[] command = [.. await AsUnprivileged(), "sh", "-c", script, "cluster.sh", binaries.Folder, folder.TrimEnd('/'), $"{primary}"];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["LC_ALL"] = "C";
        start.Environment["ORION_CLUSTER_PASSWORD"] = password;
        return Process.Start(start)!;
    }

    /// <summary>The prefix of a command that must not run as root.</summary>
    internal static async Task<string[]> AsUnprivileged()
    {
        if (!Environment.IsPrivilegedProcess) return [];
        var user = await RunProgram("id", "-u", "postgres") is null ? "nobody" : "postgres";
        if (await RunProgram("setpriv", "--version") is null) return ["runuser", "-u", user, "--"];
        return ["setpriv", "--reuid", user, "--regid", (await RunProgram("id", "-g", user))!, "--clear-groups", "--"];
    }

    private static async Task<string?> RunProgram(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    internal static async Task<string> Read(string resource)
    {
        await using var stream = typeof(PostgresCluster).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    private async Task SendCommand(string command)
    {
        await _lock.WaitAsync();
        try
        {
            await _shell.StandardInput.WriteLineAsync(command);
            await _shell.StandardInput.FlushAsync();
            await ReadReply();
        }
        finally
        {
            _lock.Release();
        }
    }

    private async Task ReadReply()
    {
        var reply = await _shell.StandardOutput.ReadLineAsync().WaitAsync(Timeout);
        if (reply != "ok") throw new InvalidOperationException($"The private PostgreSQL responds: {reply ?? "nothing"}");
    }
}
