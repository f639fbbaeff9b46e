using Microsoft.Data.Sqlite;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Configuration;
using SQLitePCL;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>SQLite's online backup. The file is the database itself, so that restoring is copying it.</summary>
internal sealed class SqliteBackup(DatabaseSettings settings) : IDatabaseBackup
{
    private const string Tables = @"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'";

    public string Extension => "db";

    // Nothing in SQLite gives way by itself: whoever waits does.
    public Task<BackupProof> Write(string file, CancellationToken cancellationToken) =>
        Task.Run(() => Tell(() => new BackupProof(Copy(file), Read(file))), cancellationToken).WaitAsync(cancellationToken);

    // Whoever can open the database can copy it.
    public Task<string?> FindObstacle(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    private Dictionary<string, long> Copy(string file)
    {
        using var source = Open(new SqliteConnectionStringBuilder(settings.ConnectionString));
        using var copy = Open(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite });
        // A draft needs no way back.
        Run(copy, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");

        // What is read in one transaction is of one moment, the pages for the copy included; in WAL mode others write on meanwhile.
        using var moment = source.BeginTransaction(deferred: true);
        var rows = Count(source);
        source.BackupDatabase(copy);
        return rows;
    }

    // Immutable: not a byte of what is proven here is written any more, not even by a recovery.
    private static Dictionary<string, long> Read(string file)
    {
        using var copy = Open(new SqliteConnectionStringBuilder
        {
            DataSource = new Uri(file).AbsoluteUri + "?immutable=1",
            Mode = SqliteOpenMode.ReadOnly,
        });
        if (Texts(copy, "PRAGMA integrity_check") is var found && found is not ["ok"])
            throw new BackupFailedException($"The database is damaged: {found.FirstOrDefault()}. Restore an older backup.");
        if (Texts(copy, "PRAGMA foreign_key_check") is { Count: > 0 } lost)
            throw new BackupFailedException($"The database is damaged: {lost.Count} rows refer to rows that are not there, the first in {lost[0]}.");
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

    private static BackupProof Tell(Func<BackupProof> make)
    {
        try
        {
            return make();
        }
        catch (SqliteException failed)
        {
            throw failed.SqliteErrorCode switch
            {
                raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new BackupFailedException("The database is damaged. Restore an older backup.", failed),
                raw.SQLITE_FULL => new IOException("There is no room for the backup on the disk.", failed),
                _ => failed,
            };
        }
    }
}
