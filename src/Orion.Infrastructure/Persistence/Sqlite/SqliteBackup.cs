using Microsoft.Data.Sqlite;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Configuration;
using SQLitePCL;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>SQLite's online backup. The file is a database, so that it is restored by copying it.</summary>
internal sealed class SqliteBackup(DatabaseSettings settings) : IDatabaseBackup
{
    private const string Tables = @"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'";

    public string Extension => "db";

    // SQLite does not react to a cancellation, so the caller stops waiting instead.
    public Task<BackupProof> Write(string file, BackupSource source, CancellationToken cancellationToken) => source.IsStandby
        ? throw new BackupFailedException("The embedded database has no standby.")
        : Task.Run(() => TranslateErrors(() => new BackupProof(Copy(file), Read(file))), cancellationToken).WaitAsync(cancellationToken);

    // An account that can open the database can copy it.
    public Task<string?> FindObstacle(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    private Dictionary<string, long> Copy(string file)
    {
        using var source = Open(new SqliteConnectionStringBuilder(settings.ConnectionString));
        using var copy = Open(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite });
        // A draft does not need a rollback journal.
        Run(copy, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");

        // All reads of one transaction see the same snapshot, including the reads of the copy. In WAL mode, others can write meanwhile.
        using var transaction = source.BeginTransaction(deferred: true);
        var rows = Count(source);
        source.BackupDatabase(copy);
        // Overwrites what it deletes. Databases of earlier versions do not have the table.
        if (rows.ContainsKey(ReplyFrameBatch.Table)) Run(copy, $"PRAGMA secure_delete = ON; DELETE FROM {ReplyFrameBatch.Table}");
        return BackupProof.WithoutExcluded(rows);
    }

    // Opened as immutable, so that nothing changes the verified file, not even a recovery.
    private static Dictionary<string, long> Read(string file)
    {
        using var copy = Open(new SqliteConnectionStringBuilder
        {
            DataSource = new Uri(file).AbsoluteUri + "?immutable=1",
            Mode = SqliteOpenMode.ReadOnly,
        });
        if (Texts(copy, "PRAGMA integrity_check") is var results && results is not ["ok"])
            throw new BackupFailedException($"The database is damaged: {results.FirstOrDefault()}. Restore an older backup.");
        if (Texts(copy, "PRAGMA foreign_key_check") is { Count: > 0 } violations)
            throw new BackupFailedException($"The database is damaged: {violations.Count} rows refer to missing rows, the first in {violations[0]}.");
        return Count(copy);
    }

    private static Dictionary<string, long> Count(SqliteConnection connection) =>
        Texts(connection, Tables).ToDictionary(table => table, table => (long)Run(connection, $"SELECT count(*) FROM {SqlIdentifier.Quote(table)}")!);

    private static SqliteConnection Open(SqliteConnectionStringBuilder to)
    {
        to.Pooling = false;
        var connection = new SqliteConnection(to.ConnectionString);
        connection.Open();
        return connection;
    }

    private static object? Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        return command.ExecuteScalar();
    }

    private static List<string> Texts(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        using var reader = command.ExecuteReader();
        var texts = new List<string>();
        while (reader.Read()) texts.Add(reader.GetString(0));
        return texts;
    }

    private static BackupProof TranslateErrors(Func<BackupProof> backup)
    {
        try
        {
            return backup();
        }
        catch (SqliteException exception)
        {
            throw exception.SqliteErrorCode switch
            {
                raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new BackupFailedException("The database is damaged. Restore an older backup.", exception),
                raw.SQLITE_FULL => new IOException("The disk has no space for the backup.", exception),
                _ => exception,
            };
        }
    }
}
