using System.Data;
using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Makes a backup with <c>pg_dump</c>, from the primary or a standby. Verifies it by restoring it with <c>pg_restore</c> into a scratch database
/// on the primary, or, if no server accepts writes, by counting the rows in the file. All connections use the role of
/// MIGRATION_DATABASE_URL if it is set.
/// </summary>
internal sealed class PostgresBackup(DatabaseSettings settings, PostgresReplication replication) : IDatabaseBackup
{
    // An arbitrary number that no other program on the database should use, and not the migrator's.
    private const long LockKey = 7_203_418_827;

    /// <summary>The maximum number of connections: those of the lock, the backup, the snapshot, and pg_dump.</summary>
    internal const int Connections = 4;

    private const string Facts = """
        SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'), quote_ident(current_user),
               (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user),
               (SELECT oid::bigint FROM pg_database WHERE datname = current_database()), pg_is_in_recovery()
        """;

    private const string Conflict =
        "The standby ended the backup, because it would have delayed changes from the primary for too long (a recovery conflict). On the standby, set "
        + "hot_standby_feedback = on, or raise max_standby_streaming_delay above the duration of a backup.";

    public string Extension => "dump";

    public async Task<BackupProof> Write(string file, BackupSource source, CancellationToken cancellationToken)
    {
        try
        {
            var (dumped, writable, standby) = await BackupServers.Choose(Target(), source, replication, cancellationToken);
            await using var backupLock = await Lock(writable ?? dumped, cancellationToken);
            await using var connection = await Open(writable ?? dumped, cancellationToken);
            var (tools, encoding, database) = await Examine(connection, cancellationToken);
            if (writable is null)
            {
                var rows = await Dump(tools, dumped, file, cancellationToken);
                // The parts of partitioned tables are tables of their own there, without rows.
                var inFile = (await tools.CountRows(file, cancellationToken)).Where(table => rows.ContainsKey(table.Key) || table.Value > 0).ToDictionary();
                return new BackupProof(rows, inFile, IsRestored: false, standby);
            }

            var scratch = new ScratchDatabase(writable, database, encoding);
            await scratch.DropLeftovers(connection, cancellationToken);
            var live = await Dump(tools, dumped, file, cancellationToken);
            return new BackupProof(live, await scratch.RestoreAndCount(connection, tools, file, cancellationToken), IsRestored: true, standby);
        }
        // In a backup, this code always means a recovery conflict of the standby.
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.SerializationFailure)
        {
            throw new BackupFailedException(Conflict, exception);
        }
        catch (PostgresException exception) when (!TransientErrors.Is(exception))
        {
            throw new BackupFailedException($"The database rejects the backup: {exception.MessageText}", exception);
        }
    }

    public async Task<string?> FindObstacle(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await Open(Target(), cancellationToken);
            await Examine(connection, cancellationToken);
            return null;
        }
        catch (BackupFailedException failed)
        {
            return failed.Message;
        }
        catch (Exception exception) when (exception is PostgresException || TransientErrors.Is(exception))
        {
            return $"The role that makes backups cannot connect: {DatabaseFailure.Of(exception)}";
        }
    }

    /// <summary>
    /// Excludes other backups of this database on any machine until the result is disposed, so that an existing scratch database is a
    /// leftover. It is a transaction-level lock, because a pooler would never release a session-level lock. Its snapshot keeps a primary from
    /// removing rows that a backup of its standby still reads, as hot_standby_feedback does.
    /// </summary>
    private static async Task<NpgsqlConnection> Lock(NpgsqlConnectionStringBuilder server, CancellationToken cancellationToken)
    {
        var connection = await Open(server, cancellationToken);
        try
        {
            var isLocked = await connection.QueryScalar<bool>(
                $"BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL idle_in_transaction_session_timeout = 0; SELECT pg_try_advisory_xact_lock({LockKey})",
                cancellationToken);
            return isLocked ? connection : throw new BackupFailedException("Another backup of this database is running.");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<(PostgresTools Tools, string Encoding, long Database)> Examine(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Facts, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (version, encoding, role) = (row.GetInt32(0), row.GetString(1), row.GetString(2));

        const string install = "Install PostgreSQL's client programs, of the server's version or newer (Debian: apt-get install postgresql-client)";
        var tools = await PostgresTools.Find(PostgresTools.UsualFolders, cancellationToken)
            ?? throw new BackupFailedException($"pg_dump and pg_restore are not installed here. {install}.");
        if (tools.Version.Major < version)
            throw new BackupFailedException($"The server is PostgreSQL {version}, and pg_dump in {tools.Folder} is {tools.Version}. {install}.");
        var isStandby = row.GetBoolean(5);
        if (!row.GetBoolean(3) && !isStandby)
        {
            throw new BackupFailedException(
                $"A backup is restored into a scratch database, and the role {role} may not create one. As a superuser: ALTER ROLE {role} CREATEDB");
        }

        return (tools, encoding, row.GetInt64(4));
    }

    private static async Task<Dictionary<string, long>> Dump(
        PostgresTools tools, NpgsqlConnectionStringBuilder server, string file, CancellationToken cancellationToken)
    {
        await using var connection = await Open(server, cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await connection.Run("SET TRANSACTION READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0", cancellationToken);
        var snapshot = await connection.QueryScalar<string>("SELECT pg_export_snapshot()", cancellationToken);
        var rows = BackupProof.WithoutExcluded(await TableRows.Count(connection, cancellationToken));
        string[] arguments =
        [
            // Of partitioned tables, each row is restored into the part to which it belongs then.
            "--format=custom", "--load-via-partition-root", $"--snapshot={snapshot}", $"--exclude-table-data=*.{ReplyFrameBatch.Table}*", "--no-password",
            $"--file={file}",
        ];
        try
        {
            await tools.RunDump(arguments, LibpqEnvironment.Of(server), cancellationToken);
        }
        catch (BackupFailedException)
        {
            // A recovery conflict ends this transaction, too. The statement then throws the reason.
            await connection.Run("SELECT", cancellationToken);
            throw;
        }

        return rows;
    }

    private NpgsqlConnectionStringBuilder Target() => new(settings.MigrationConnectionString ?? settings.ConnectionString) { CommandTimeout = 0 };

    private static Task<NpgsqlConnection> Open(NpgsqlConnectionStringBuilder target, CancellationToken cancellationToken) =>
        NamedConnections.OpenUnpooled(target, NamedConnections.Backup, cancellationToken);
}
