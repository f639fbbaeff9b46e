using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Orion.Infrastructure.Persistence.Availability;

/// <summary>Which exceptions mean that the database is away or overloaded.</summary>
internal static class DatabaseLoss
{
    internal static bool Is(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case PostgresException postgres:
                    return postgres.IsTransient || IsAway(postgres.SqlState);
                case NpgsqlException or SocketException or TimeoutException:
                    return true;
                case SqliteException sqlite:
                    return sqlite.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_IOERR or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN
                        or raw.SQLITE_READONLY or raw.SQLITE_NOMEM;
            }
        }

        return false;
    }

    // PostgreSQL, appendix A: connection exceptions, operator intervention, a login or a database that is not there now.
    private static bool IsAway(string state) =>
        state.StartsWith("08", StringComparison.Ordinal)
        || state.StartsWith("57P", StringComparison.Ordinal)
        || state.StartsWith("28", StringComparison.Ordinal)
        || state.StartsWith("53", StringComparison.Ordinal)
        || state == PostgresErrorCodes.InvalidCatalogName;
}
