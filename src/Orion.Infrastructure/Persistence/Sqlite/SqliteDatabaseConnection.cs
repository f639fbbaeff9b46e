using Microsoft.Data.Sqlite;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;
using SQLitePCL;

namespace Orion.Infrastructure.Persistence.Sqlite;

internal sealed class SqliteDatabaseConnection(DatabaseSettings settings) : IDatabaseConnection
{
    // A single small write needs this much: its pages in the WAL, and the WAL's index.
    private const long MinFreeBytes = 64 * 1024;

    private readonly string _unpooled = settings.Unpooled();

    public bool Ping()
    {
        using var connection = new SqliteConnection(_unpooled);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_schema";
        command.ExecuteScalar();
        // SQLite also opens a file that it cannot write. This check takes no lock.
        if (raw.sqlite3_db_readonly(connection.Handle, "main") != 0)
        {
            throw new DatabaseNotWritableException(
                "The database's file is read-only", "Give the account that Orion runs as write access to the file and its folder, and mount the disk for writing.");
        }

        if (new DriveInfo(Path.GetDirectoryName(connection.DataSource)!).AvailableFreeSpace < MinFreeBytes)
            throw new DatabaseNotWritableException("The disk of the database's file is full", "Free some space on it.");
        return true;
    }

    public void Reset(Exception exception)
    {
        if (TransientErrors.IsReadOnly(exception)) ClearPool();
    }

    public void ClearPool() => SqliteConnection.ClearAllPools();
}
