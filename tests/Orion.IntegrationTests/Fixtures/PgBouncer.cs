using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// A PgBouncer in transaction mode in front of PostgreSQL: each transaction uses any free server connection. It never runs as
/// root. A shell (pgbouncer.sh) stops it when this process has ended.
/// </summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private const string WhatToInstall = "There is no PgBouncer for the tests. Install it (Debian: apt-get install pgbouncer).";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private readonly Process _keeper;

    private PgBouncer(Process keeper, int port)
    {
        _keeper = keeper;
        Port = port;
    }

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Starts one.</summary>
    /// <param name="server">The server, and the credentials that it accepts.</param>
    /// <param name="poolSize">The number of server connections for each database and user.</param>
    public static async Task<PgBouncer> Start(NpgsqlConnectionStringBuilder server, int poolSize)
    {
        var program = Find() ?? throw new InvalidOperationException(WhatToInstall);
        var port = PostgresCluster.FreePort();
        // Another user must be able to enter the folder. Root's own temporary folder may be inaccessible to it.
        var folder = Environment.IsPrivilegedProcess ? "/tmp" : Path.GetTempPath().TrimEnd('/');
        string[] command =
        [
            .. await PostgresCluster.AsUnprivileged(), "sh", "-c", await PostgresCluster.Read("pgbouncer.sh"), "pgbouncer.sh", program, folder,
            Text(port), Text(server.Port), Text(poolSize), server.Username!,
        ];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        start.Environment["ORION_BOUNCER_PASSWORD"] = server.Password;
        var bouncer = new PgBouncer(Process.Start(start)!, port);
        try
        {
            var response = await bouncer._keeper.StandardOutput.ReadLineAsync().WaitAsync(Timeout);
            if (response != "ok") throw new InvalidOperationException($"PgBouncer responds: {response ?? "nothing"}");
            await Eventually.Until(() => Listens(port), "PgBouncer does not listen.");
            return bouncer;
        }
        catch
        {
            await bouncer.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync().WaitAsync(Timeout);
        _keeper.Dispose();
    }

    private static string? Find()
    {
        var path = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [];
        // It is a program for administrators, so its folder may not be on the PATH.
        string[] folders = [.. path, "/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"];
        return folders.Select(folder => Path.Combine(folder, "pgbouncer")).FirstOrDefault(File.Exists);
    }

    private static async Task<bool> Listens(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
