using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// A private PostgreSQL from the machine's own programs, never run as root: a temporary folder, a free port on 127.0.0.1, a random
/// password. A shell (cluster.sh) keeps it and ends it as soon as this process is gone.
/// </summary>
internal sealed class PostgresCluster : IStoppablePostgres
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(120);
    private readonly Process _keeper;
    private readonly SemaphoreSlim _turn = new(1);

    private PostgresCluster(Process keeper, string password)
    {
        _keeper = keeper;
        Superuser = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Username = "orion",
            Password = password,
            Database = "postgres",
        };
    }

    public NpgsqlConnectionStringBuilder Superuser { get; }

    /// <summary>Makes the cluster and starts it.</summary>
    public static async Task<PostgresCluster> Create(PostgresBinaries binaries)
    {
        var password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var cluster = new PostgresCluster(await Keep(binaries, password), password);
        try
        {
            await cluster.ReadAnswer();
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
                    // Somebody else took the port in between.
                }
            }
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Task Start() => Say($"start {Superuser.Port}");

    public Task Stop() => Say("stop");

    public Task Freeze() => Say("freeze");

    public Task Thaw() => Say("thaw");

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync().WaitAsync(Timeout);
        _keeper.Dispose();
        _turn.Dispose();
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<Process> Keep(PostgresBinaries binaries, string password)
    {
        var script = await Read("cluster.sh");
        // Another user must be able to enter the folder; root's own temporary folder may be closed to it.
        var folder = Environment.IsPrivilegedProcess ? "/tmp" : Path.GetTempPath();
        string[] command = [.. await AsUnprivileged(), "sh", "-c", script, "cluster.sh", binaries.Folder, folder.TrimEnd('/')];
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

    /// <summary>What a command begins with that must not run as root.</summary>
    internal static async Task<string[]> AsUnprivileged()
    {
        if (!Environment.IsPrivilegedProcess) return [];
        var user = await Ask("id", "-u", "postgres") is null ? "nobody" : "postgres";
        if (await Ask("setpriv", "--version") is null) return ["runuser", "-u", user, "--"];
        return ["setpriv", "--reuid", user, "--regid", (await Ask("id", "-g", user))!, "--clear-groups", "--"];
    }

    private static async Task<string?> Ask(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var said = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? said.Trim() : null;
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

    private async Task Say(string command)
    {
        await _turn.WaitAsync();
        try
        {
            await _keeper.StandardInput.WriteLineAsync(command);
            await _keeper.StandardInput.FlushAsync();
            await ReadAnswer();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ReadAnswer()
    {
        var answer = await _keeper.StandardOutput.ReadLineAsync().WaitAsync(Timeout);
        if (answer != "ok") throw new InvalidOperationException($"The private PostgreSQL answers: {answer ?? "nothing"}");
    }
}
