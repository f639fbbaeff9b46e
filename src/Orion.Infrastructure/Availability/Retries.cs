using Npgsql;

namespace Orion.Infrastructure.Availability;

/// <summary>After which exceptions a request may run once more without doing anything twice.</summary>
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
                case PostgresException postgres:
                    return isRead && IsConnectionEnded(postgres.SqlState);
                case NpgsqlException lost:
                    // A write that was lost may have been committed. A connection that never was, or a time limit, is no better now.
                    return isRead && lost.InnerException is IOException;
            }
        }

        return false;
    }

    // PostgreSQL, appendix A: connection exceptions, and connections that the server ended.
    private static bool IsConnectionEnded(string state) =>
        state.StartsWith("08", StringComparison.Ordinal) || state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown;
}
