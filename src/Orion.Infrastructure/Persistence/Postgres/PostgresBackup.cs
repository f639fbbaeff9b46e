using System.Data;
using System.Globalization;
using System.Security.Cryptography;
using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// <c>pg_dump</c>, restored with <c>pg_restore</c> into a scratch database on the same server: as the role that owns the tables, where
/// MIGRATION_DATABASE_URL names one.
/// </summary>
internal sealed class PostgresBackup(DatabaseSettings settings) : IDatabaseBackup
{
    private const string ScratchPrefix = "orion_backup_check_";

    // Any number that no other program on the database uses; the migrator's is another one.
    private const long LockKey = 7_203_418_827;

    /// <summary>How many connections it holds at the most: the lock's, its own, the snapshot's and pg_dump's.</summary>
    internal const int Connections = 4;

    private static readonly TimeSpan DropWithin = TimeSpan.FromSeconds(15);

    // Those of extensions are the extensions' own affair; they are not in a dump.
    private const string Tables = """
        SELECT n.nspname::text, c.relname::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        """;

    private const string Facts = """
        SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'), quote_ident(current_user),
               (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user),
               (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
        """;

    public string Extension => "dump";

    public async Task<BackupProof> Write(string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var alone = await Lock(cancellationToken);
            await using var connection = await Open(Target(), cancellationToken);
            var (tools, encoding, prefix) = await Examine(connection, cancellationToken);
            await DropLeftOvers(connection, prefix, cancellationToken);

            var live = await Dump(tools, file, cancellationToken);
            var scratch = prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
            return new BackupProof(live, await Try(connection, tools, file, scratch, encoding, cancellationToken));
        }
        catch (PostgresException refused) when (!TransientErrors.Is(refused))
        {
            throw new BackupFailedException($"The database refuses it: {refused.MessageText}", refused);
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
    /// Keeps out other backups of this database, wherever they run, until what it returns is disposed of: so a scratch database that is
    /// there is nobody's. A transaction's lock, because a pooler would keep a session's for ever.
    /// </summary>
    private async Task<NpgsqlConnection> Lock(CancellationToken cancellationToken)
    {
        var connection = await Open(Target(), cancellationToken);
        try
        {
            var taken = await connection.QueryScalar<bool>(
                $"BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SELECT pg_try_advisory_xact_lock({LockKey})",
                cancellationToken);
            return taken ? connection : throw new BackupFailedException("Another backup of this database is under way.");
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
        if (!row.GetBoolean(3))
        {
            throw new BackupFailedException(
                $"A backup is restored into a scratch database, and the role {role} may not create one. As a superuser: ALTER ROLE {role} CREATEDB");
        }

        // With the database's number, because others on the server may be Orion's, too.
        return (tools, encoding, string.Create(CultureInfo.InvariantCulture, $"{ScratchPrefix}{row.GetInt64(4)}_"));
    }

    private static async Task DropLeftOvers(NpgsqlConnection connection, string prefix, CancellationToken cancellationToken)
    {
        var left = new List<string>();
        await using (var command = new NpgsqlCommand("SELECT datname::text FROM pg_database WHERE starts_with(datname::text, @prefix)", connection))
        {
            command.Parameters.AddWithValue("prefix", prefix);
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken)) left.Add(row.GetString(0));
        }

        foreach (var scratch in left) await Run(connection, Drop(scratch), cancellationToken);
    }

    private async Task<Dictionary<string, long>> Dump(PostgresTools tools, string file, CancellationToken cancellationToken)
    {
        await using var connection = await Open(Target(), cancellationToken);
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await Run(connection, "SET TRANSACTION READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0", cancellationToken);
        var snapshot = await connection.QueryScalar<string>("SELECT pg_export_snapshot()", cancellationToken);
        var rows = await Count(connection, cancellationToken);
        string[] arguments = ["--format=custom", $"--snapshot={snapshot}", "--no-password", $"--file={file}"];
        await tools.DumpWith(arguments, LibpqEnvironment.Of(Target()), cancellationToken);
        return rows;
    }

    private async Task<Dictionary<string, long>> Try(
        NpgsqlConnection connection, PostgresTools tools, string file, string scratch, string encoding, CancellationToken cancellationToken)
    {
        try
        {
            // Not a copy of template1, which may hold anything; and nobody else gets in.
            await Run(
                connection,
                $"CREATE DATABASE {scratch} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'",
                cancellationToken);
            await Run(connection, $"REVOKE ALL ON DATABASE {scratch} FROM PUBLIC", cancellationToken);

            var target = Target();
            target.Database = scratch;
            // To whom what belongs, and who replicates it, is not tried: roles may be missing here that are there where it is restored.
            string[] arguments =
            [
                "--exit-on-error", "--no-owner", "--no-acl", "--no-comments", "--no-publications", "--no-subscriptions", "--no-password",
                $"--dbname={scratch}", file,
            ];
            await tools.RestoreWith(arguments, LibpqEnvironment.Of(target), cancellationToken);
            await using var restored = await Open(target, cancellationToken);
            return await Count(restored, cancellationToken);
        }
        finally
        {
            await DropWhateverHappened(scratch);
        }
    }

    // Over a connection of its own, because the other one may be in the middle of what was interrupted.
    private async Task DropWhateverHappened(string scratch)
    {
        try
        {
            using var limit = new CancellationTokenSource(DropWithin);
            await using var connection = await Open(Target(), limit.Token);
            await Run(connection, Drop(scratch), limit.Token);
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
            rows[schema == "public" ? name : $"{schema}.{name}"] =
                await connection.QueryScalar<long>($"SELECT count(*) FROM {SqlIdentifier.Quote(schema)}.{SqlIdentifier.Quote(name)}", cancellationToken);
        }

        return rows;
    }

    private NpgsqlConnectionStringBuilder Target() =>
        new(settings.MigrationConnectionString ?? settings.ConnectionString) { Pooling = false, CommandTimeout = 0 };

    private static async Task<NpgsqlConnection> Open(NpgsqlConnectionStringBuilder target, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(target.ConnectionString);
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

    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
