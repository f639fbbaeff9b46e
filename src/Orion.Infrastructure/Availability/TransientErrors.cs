using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Orion.Infrastructure.Availability;

/// <summary>Which exceptions are the database's condition: it is away, overloaded, read-only or wrongly set up. Orion is not wrong then.</summary>
internal static class TransientErrors
{
    // PostgreSQL, appendix A, by the beginning of the code.
    private static readonly string[] Conditions =
    [
        // Connection exceptions, a login or a database that is not there now, insufficient resources, operator intervention.
        "08", "28", "53", "57",
        PostgresErrorCodes.InvalidCatalogName,
        // A standby, or a role or database that is set read-only.
        PostgresErrorCodes.ReadOnlySqlTransaction,
        // Limits that the server's administrator has set: idle_in_transaction_session_timeout, transaction_timeout, lock_timeout.
        "25P03", "25P04", PostgresErrorCodes.LockNotAvailable,
        // A pooler that mixes up prepared statements.
        PostgresErrorCodes.DuplicatePreparedStatement, PostgresErrorCodes.InvalidSqlStatementName,
    ];

    internal static bool Is(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                // The caller gave up; what the driver says of it is no condition of the database.
                case OperationCanceledException:
                    return false;
                case PostgresException postgres:
                    return postgres.IsTransient || Conditions.Any(condition => postgres.SqlState.StartsWith(condition, StringComparison.Ordinal));
                case NpgsqlException or SocketException or TimeoutException or DatabaseNotWritableException:
                    return true;
                case SqliteException sqlite:
                    return sqlite.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_IOERR or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN
                        or raw.SQLITE_READONLY or raw.SQLITE_NOMEM;
            }
        }

        return false;
    }

    /// <summary>The database refuses to be written: then what the pool holds may be the connections of before a failover.</summary>
    internal static bool IsReadOnly(Exception exception) =>
        StateOf(exception) == PostgresErrorCodes.ReadOnlySqlTransaction || Find<SqliteException>(exception) is { SqliteErrorCode: raw.SQLITE_READONLY };

    /// <summary>PostgreSQL's code for what went wrong; null where it said nothing.</summary>
    internal static string? StateOf(Exception exception) => Find<PostgresException>(exception)?.SqlState;

    /// <summary>The first exception of a kind among an exception and its causes.</summary>
    internal static T? Find<T>(Exception? exception)
        where T : Exception
    {
        while (exception is not null and not T) exception = exception.InnerException;
        return (T?)exception;
    }
}
