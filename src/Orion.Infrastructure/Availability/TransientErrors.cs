using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Orion.Infrastructure.Availability;

/// <summary>
/// Recognizes exceptions that come from the condition of the database, and not from a bug in Orion: it is unavailable, overloaded,
/// read-only, or misconfigured.
/// </summary>
internal static class TransientErrors
{
    /// <summary>idle_in_transaction_session_timeout has ended a transaction. Npgsql has no name for it.</summary>
    internal const string IdleInTransactionTimeout = "25P03";

    /// <summary>transaction_timeout has ended a transaction. Npgsql has no name for it.</summary>
    internal const string TransactionTimeout = "25P04";

    /// <summary>The message of Npgsql if no server of a cluster can be written, or each is known to be unavailable.</summary>
    internal const string NoServer = "No suitable host was found.";

    // Prefixes of the error codes of PostgreSQL, appendix A.
    private static readonly string[] Conditions =
    [
        // Connection exceptions, invalid authorization, insufficient resources, operator intervention; a missing database.
        "08", "28", "53", "57",
        PostgresErrorCodes.InvalidCatalogName,
        // A standby, or a read-only role or database.
        PostgresErrorCodes.ReadOnlySqlTransaction,
        // Timeouts set by the server's administrator: idle_in_transaction_session_timeout, transaction_timeout, lock_timeout.
        IdleInTransactionTimeout, TransactionTimeout, PostgresErrorCodes.LockNotAvailable,
        // A pooler that mixes up prepared statements.
        PostgresErrorCodes.DuplicatePreparedStatement, PostgresErrorCodes.InvalidSqlStatementName,
    ];

    internal static bool Is(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                // The caller has cancelled. The driver's exception then does not describe the database.
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

    /// <summary>Whether the database rejects writes. The pool may then hold connections that are older than a failover.</summary>
    internal static bool IsReadOnly(Exception exception) =>
        StateOf(exception) == PostgresErrorCodes.ReadOnlySqlTransaction || Find<SqliteException>(exception) is { SqliteErrorCode: raw.SQLITE_READONLY };

    /// <summary>PostgreSQL's error code; null if there is none.</summary>
    internal static string? StateOf(Exception exception) => Find<PostgresException>(exception)?.SqlState;

    /// <summary>The first exception of a type in a chain of inner exceptions. A cluster has a chain for each server.</summary>
    internal static T? Find<T>(Exception? exception)
        where T : Exception => exception switch
        {
            null => null,
            T found => found,
            AggregateException servers => servers.InnerExceptions.Select(Find<T>).FirstOrDefault(found => found is not null),
            _ => Find<T>(exception.InnerException),
        };
}
