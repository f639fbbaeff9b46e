using Microsoft.Data.Sqlite;
using Orion.Infrastructure.Persistence.Availability;
using Orion.Infrastructure.Settings;

namespace Orion.Infrastructure.Persistence.Sqlite;

internal sealed class SqliteDatabaseConnection(DatabaseSettings settings) : IDatabaseConnection
{
    // Not "create": a file that has gone must not look like an empty database.
    private readonly string _unpooled = new SqliteConnectionStringBuilder(settings.ConnectionString)
    {
        Pooling = false,
        Mode = SqliteOpenMode.ReadWrite,
    }.ConnectionString;

    public void Ping()
    {
        using var connection = new SqliteConnection(_unpooled);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_schema";
        command.ExecuteScalar();
    }

    public void ForgetPooled() => SqliteConnection.ClearAllPools();
}
