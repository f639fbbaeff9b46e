using System.Data;
using System.Globalization;
using System.Security.Cryptography;
using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// A backup by <c>pg_dump</c>, from the server that can be written or from a standby. To verify it, <c>pg_restore</c> restores it into a scratch
/// database on the server that can be written. If there is none, the rows in the file are counted instead. All connections use the role of
/// MIGRATION_DATABASE_URL if it is set.
/// </summary>
internal sealed class PostgresBackup(DatabaseSettings settings, PostgresReplication replication) : IDatabaseBackup
{
    private const string ScratchPrefix = "orion_backup_check_";

    // An arbitrary number that no other program on the database should use, and not the migrator's.
    private const long LockKey = 7_203_418_827;

    /// <summary>The maximum number of connections: those of the lock, the backup, the snapshot, and pg_dump.</summary>
    internal const int Connections = 4;

    private static readonly TimeSpan DropTimeout = TimeSpan.FromSeconds(15);

    // Without the tables of extensions, which are not part of a dump.
    private const string Tables = """
        SELECT n.nspname::text, c.relname::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        """;

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
            var (dumped, writable, standby) = await Choose(source, cancellationToken);
            await using var backupLock = await Lock(writable ?? dumped, cancellationToken);
            await using var connection = await Open(writable ?? dumped, cancellationToken);
            var (tools, encoding, prefix) = await Examine(connection, cancellationToken);
            if (writable is null)
            {
                var rows = await Dump(tools, dumped, file, cancellationToken);
                return new BackupProof(rows, await tools.CountRows(file, cancellationToken), IsRestored: false, standby);
            }

            await DropLeftovers(connection, prefix, cancellationToken);
            var live = await Dump(tools, dumped, file, cancellationToken);
            var scratch = prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
            return new BackupProof(live, await RestoreAndCount(connection, writable, tools, file, scratch, encoding, cancellationToken), IsRestored: true, standby);
        }
        // A primary has no recovery conflicts, and nothing in a backup is serializable.
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

    /// <summary>Chooses the servers of a backup.</summary>
    /// <returns>
    /// The server to read from; the one that can be written, null if there is none; and the address of the first if it is a standby.
    /// </returns>
    private async Task<(NpgsqlConnectionStringBuilder Dumped, NpgsqlConnectionStringBuilder? Writable, string? Standby)> Choose(
        BackupSource source, CancellationToken cancellationToken)
    {
        if (!source.IsStandby)
        {
            await using var connection = await Open(Target(), cancellationToken);
            var server = SameServer(connection);
            if (!await connection.QueryScalar<bool>("SELECT pg_is_in_recovery()", cancellationToken)) return (server, server, null);
        }

        var hosts = PostgresTarget.HostsOf(Target());
        var (servers, _) = await replication.Read(Target(), cancellationToken);
        var (standby, host) = servers.Zip(hosts).Where(server => server.First.Standby is not null)
            .OrderBy(server => server.First.Standby!.Behind ?? TimeSpan.MaxValue).FirstOrDefault();
        if (standby is null) throw new BackupFailedException(NoStandby(servers));
        if (source.MaxLag is { } limit && (standby.Standby!.Behind ?? TimeSpan.MaxValue) > limit)
        {
            var lag = standby.Standby.Behind is { } behind
                ? string.Create(CultureInfo.InvariantCulture, $"is {behind.TotalSeconds:0} s behind its primary")
                : "may be behind its primary by any time";
            var reason = standby.Standby.IsPaused ? ", because its replay is paused" : standby.Standby.IsReceiving ? "" : ", because it is not connected to it";
            throw new BackupFailedException($"The standby {standby.Address} {lag}{reason}. To allow it, increase --max-lag.");
        }

        var primary = servers.Zip(hosts).FirstOrDefault(server => server.First is { Standby: null, Failure: null }).Second;
        return (PostgresReplication.At(Target(), host), primary is null ? null : PostgresReplication.At(Target(), primary), standby.Address);
    }

    private string NoStandby(IReadOnlyList<ServerCondition> servers)
    {
        var found = servers.Select(server => server.Failure is { } failure ? $"{server.Address} cannot be used ({failure.What})" : $"{server.Address} is a primary");
        return $"No server of {settings.MigrationAddress} is a standby: {string.Join(", ", found)}.";
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

    private static async Task<(PostgresTools Tools, string Encoding, string ScratchPrefix)> Examine(
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

        // With the OID of the database, because the server may have other databases of Orion.
        return (tools, encoding, string.Create(CultureInfo.InvariantCulture, $"{ScratchPrefix}{row.GetInt64(4)}_"));
    }

    private static async Task DropLeftovers(NpgsqlConnection connection, string prefix, CancellationToken cancellationToken)
    {
        var leftovers = new List<string>();
        await using (var command = new NpgsqlCommand("SELECT datname::text FROM pg_database WHERE starts_with(datname::text, @prefix)", connection))
        {
            command.Parameters.AddWithValue("prefix", prefix);
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken)) leftovers.Add(row.GetString(0));
        }

        foreach (var scratch in leftovers) await connection.Run(Drop(scratch), cancellationToken);
    }

    private static async Task<Dictionary<string, long>> Dump(
        PostgresTools tools, NpgsqlConnectionStringBuilder server, string file, CancellationToken cancellationToken)
    {
        await using var connection = await Open(server, cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await connection.Run("SET TRANSACTION READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0", cancellationToken);
        var snapshot = await connection.QueryScalar<string>("SELECT pg_export_snapshot()", cancellationToken);
        var rows = BackupProof.WithoutExcluded(await Count(connection, cancellationToken));
        string[] arguments =
        [
            "--format=custom", $"--snapshot={snapshot}", $"--exclude-table-data=*.{ReplyFrameBatch.Table}", "--no-password", $"--file={file}",
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

    private static async Task<Dictionary<string, long>> RestoreAndCount(
        NpgsqlConnection connection, NpgsqlConnectionStringBuilder server, PostgresTools tools, string file, string scratch, string encoding,
        CancellationToken cancellationToken)
    {
        try
        {
            // Not from template1, which may contain other objects. Other roles cannot connect to it.
            await connection.Run(
                $"CREATE DATABASE {scratch} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'",
                cancellationToken);
            await connection.Run($"REVOKE ALL ON DATABASE {scratch} FROM PUBLIC", cancellationToken);

            var target = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = scratch };
            // Owners, privileges and replication are not restored: this server may lack roles that the real one has.
            string[] arguments =
            [
                "--exit-on-error", "--no-owner", "--no-acl", "--no-comments", "--no-publications", "--no-subscriptions", "--no-password",
                $"--dbname={scratch}", file,
            ];
            await tools.RunRestore(arguments, LibpqEnvironment.Of(target), cancellationToken);
            await using var restored = await Open(target, cancellationToken);
            return await Count(restored, cancellationToken);
        }
        finally
        {
            await DropAlways(server, scratch);
        }
    }

    // On a separate connection, because the first one may still be executing the interrupted statement.
    private static async Task DropAlways(NpgsqlConnectionStringBuilder server, string scratch)
    {
        try
        {
            using var limit = new CancellationTokenSource(DropTimeout);
            await using var connection = await Open(server, limit.Token);
            await connection.Run(Drop(scratch), limit.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException || TransientErrors.Is(exception))
        {
            // The next run drops it.
        }
    }

    private static string Drop(string scratch) => $"DROP DATABASE IF EXISTS {scratch} WITH (FORCE)";

    private static async Task<Dictionary<string, long>> Count(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = new List<(string Schema, string Name)>();
        await using (var command = new NpgsqlCommand(Tables, connection))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken)) tables.Add((row.GetString(0), row.GetString(1)));
        }

        var rows = new Dictionary<string, long>();
        foreach (var (schema, name) in tables)
        {
            rows[BackupResult.NameOf(schema, name)] =
                await connection.QueryScalar<long>($"SELECT count(*) FROM {SqlIdentifier.Quote(schema)}.{SqlIdentifier.Quote(name)}", cancellationToken);
        }

        return rows;
    }

    private NpgsqlConnectionStringBuilder Target() =>
        new(settings.MigrationConnectionString ?? settings.ConnectionString) { Pooling = false, CommandTimeout = 0 };

    // The other servers of a cluster have neither the snapshot nor, yet, a new database.
    private NpgsqlConnectionStringBuilder SameServer(NpgsqlConnection connection)
    {
        var target = Target();
        (target.Host, target.Port) = (connection.Host, connection.Port);
        return target;
    }

    private static async Task<NpgsqlConnection> Open(NpgsqlConnectionStringBuilder target, CancellationToken cancellationToken)
    {
        var connection = NamedConnections.CreateUnpooled(target, NamedConnections.Backup);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
