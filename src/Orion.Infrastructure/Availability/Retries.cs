using Npgsql;

namespace Orion.Infrastructure.Availability;

/// <summary>Decides after which exceptions a request can be repeated without taking effect twice.</summary>
internal static class Retries
{
    internal static bool Allow(Exception exception, bool isRead)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected }:
                    return true;
                // A write whose connection was lost may have been committed.
                case NpgsqlException:
                    return isRead && IsConnectionLoss(cause);
            }
        }

        return false;
    }

    /// <summary>
    /// Whether a pooled connection was lost, so that a retry on a new one may succeed. After a failed connection or a timeout, a retry would
    /// only fail again.
    /// </summary>
    internal static bool IsConnectionLoss(Exception exception) => TransientErrors.Find<NpgsqlException>(exception) switch
    {
        PostgresException postgres => IsConnectionEnded(postgres.SqlState),
        { InnerException: IOException } => true,
        // In a cluster, after another request has lost a connection.
        { Message: TransientErrors.NoServer } => true,
        _ => false,
    };

    // PostgreSQL, appendix A: connection exceptions, and connections that the server has ended.
    private static bool IsConnectionEnded(string state) =>
        state.StartsWith("08", StringComparison.Ordinal) || state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown;
}
