using Microsoft.Data.Sqlite;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;
using SQLitePCL;

namespace Orion.Infrastructure.Persistence.Sqlite;

internal sealed class SqliteDatabaseConnection(DatabaseSettings settings) : IDatabaseConnection
{
    // What a single small write takes: its pages in the log, and the log's index.
    private const long LeastFreeBytes = 64 * 1024;

    // Not "create": a file that has gone must not look like an empty database.
    private readonly string _unpooled = new SqliteConnectionStringBuilder(settings.ConnectionString)
    {
        Pooling = false,
        Mode = SqliteOpenMode.ReadWrite,
    }.ConnectionString;

    public bool Ping()
    {
        using var connection = new SqliteConnection(_unpooled);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_schema";
        command.ExecuteScalar();
        // SQLite opens a file that it may not write all the same. To ask takes no lock.
        if (raw.sqlite3_db_readonly(connection.Handle, "main") != 0)
        {
            throw new DatabaseNotWritableException(
                "The database's file is read-only", "Let the account that Orion runs as write it and its folder, and mount the disk for writing.");
        }

        if (new DriveInfo(Path.GetDirectoryName(connection.DataSource)!).AvailableFreeSpace < LeastFreeBytes)
            throw new DatabaseNotWritableException("The disk of the database's file is full", "Make room on it.");
        return true;
    }

    public void Renew(Exception loss)
    {
        if (TransientErrors.IsReadOnly(loss)) ClearPool();
    }

    public void ClearPool() => SqliteConnection.ClearAllPools();
}
