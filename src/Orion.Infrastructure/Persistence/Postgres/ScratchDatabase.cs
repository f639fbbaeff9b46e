using System.Globalization;
using System.Security.Cryptography;
using Npgsql;
using Orion.Infrastructure.Availability;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>A database that exists only while a backup is restored into it and its rows are counted.</summary>
/// <param name="server">The server for it.</param>
/// <param name="database">The OID of the database that is backed up. The server may have other databases of Orion.</param>
/// <param name="encoding">The encoding of that database.</param>
internal sealed class ScratchDatabase(NpgsqlConnectionStringBuilder server, long database, string encoding)
{
    private static readonly TimeSpan DropTimeout = TimeSpan.FromSeconds(15);

    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"orion_backup_check_{database}_");

    /// <summary>Drops those of interrupted backups of the same database. No other backup of it may be running.</summary>
    internal async Task DropLeftovers(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var leftovers = new List<string>();
        await using (var command = new NpgsqlCommand("SELECT datname::text FROM pg_database WHERE starts_with(datname::text, @prefix)", connection))
        {
            command.Parameters.AddWithValue("prefix", _prefix);
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken)) leftovers.Add(row.GetString(0));
        }

        foreach (var name in leftovers) await connection.Run(Drop(name), cancellationToken);
    }

    /// <summary>Restores a backup into a new one, counts the rows of its tables, and drops it.</summary>
    internal async Task<Dictionary<string, long>> RestoreAndCount(
        NpgsqlConnection connection, PostgresTools tools, string file, CancellationToken cancellationToken)
    {
        var name = _prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        try
        {
            // Not from template1, which may contain other objects. Other roles cannot connect to it.
            await connection.Run(
                $"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'",
                cancellationToken);
            await connection.Run($"REVOKE ALL ON DATABASE {name} FROM PUBLIC", cancellationToken);

            var target = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name };
            // Owners, privileges and replication are not restored: this server may lack roles that the real one has.
            string[] arguments =
            [
                "--exit-on-error", "--no-owner", "--no-acl", "--no-comments", "--no-publications", "--no-subscriptions", "--no-password",
                $"--dbname={name}", file,
            ];
            await tools.RunRestore(arguments, LibpqEnvironment.Of(target), cancellationToken);
            await using var restored = await NamedConnections.OpenUnpooled(target, NamedConnections.Backup, cancellationToken);
            return await TableRows.Count(restored, cancellationToken);
        }
        finally
        {
            await DropAlways(name);
        }
    }

    // On a separate connection, because the first one may still be executing the interrupted statement.
    private async Task DropAlways(string name)
    {
        try
        {
            using var limit = new CancellationTokenSource(DropTimeout);
            await using var connection = await NamedConnections.OpenUnpooled(server, NamedConnections.Backup, limit.Token);
            await connection.Run(Drop(name), limit.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException || TransientErrors.Is(exception))
        {
            // The next run drops it.
        }
    }

    private static string Drop(string name) => $"DROP DATABASE IF EXISTS {name} WITH (FORCE)";
}
