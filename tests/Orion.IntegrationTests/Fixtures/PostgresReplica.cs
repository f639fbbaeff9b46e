using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A streaming replica of a private PostgreSQL server. A shell (replica.sh) stops it when this process has ended.</summary>
internal sealed class PostgresReplica : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(120);
    private readonly Process _shell;

    private PostgresReplica(Process shell, int port)
    {
        _shell = shell;
        Port = port;
    }

    /// <summary>Its port on 127.0.0.1.</summary>
    internal int Port { get; }

    /// <summary>Starts a replica, which the primary then waits for at each commit.</summary>
    internal static async Task<PostgresReplica> Start(NpgsqlConnectionStringBuilder primary)
    {
        var binaries = PostgresBinaries.Find() ?? throw new InvalidOperationException("PostgreSQL's programs are not installed.");
        var port = PostgresCluster.FreePort();
        var folder = Environment.IsPrivilegedProcess ? "/tmp" : Path.GetTempPath().TrimEnd('/');
        string[] command =
        [
            .. await PostgresCluster.AsUnprivileged(), "sh", "-c", await PostgresCluster.Read("replica.sh"), "replica.sh", binaries.Folder, folder,
            primary.Port.ToString(CultureInfo.InvariantCulture), port.ToString(CultureInfo.InvariantCulture),
        ];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        start.Environment["PGPASSWORD"] = primary.Password;
        start.Environment["LC_ALL"] = "C";
        var replica = new PostgresReplica(Process.Start(start)!, port);
        try
        {
            await replica.ReadReply();
            await using var connection = new NpgsqlConnection(primary.ConnectionString);
            await connection.OpenAsync();
            await Eventually.Until(
                async () =>
                {
                    await using var ask = new NpgsqlCommand("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'", connection);
                    return await ask.ExecuteScalarAsync() is > 0L;
                },
                "The replica does not stream.");
            foreach (var sql in (string[])["ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"])
            {
                await using var change = new NpgsqlCommand(sql, connection);
                await change.ExecuteNonQueryAsync();
            }

            return replica;
        }
        catch
        {
            await replica.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes it a primary.</summary>
    internal async Task Promote()
    {
        await _shell.StandardInput.WriteLineAsync("promote");
        await _shell.StandardInput.FlushAsync();
        await ReadReply();
    }

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync().WaitAsync(Timeout);
        _shell.Dispose();
    }

    private async Task ReadReply()
    {
        var reply = await _shell.StandardOutput.ReadLineAsync().WaitAsync(Timeout);
        if (reply != "ok") throw new InvalidOperationException($"The replica responds: {reply ?? "nothing"}");
    }
}
