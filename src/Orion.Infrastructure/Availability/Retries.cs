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
                case PostgresException postgres:
                    return isRead && IsConnectionEnded(postgres.SqlState);
                case NpgsqlException connection:
                    // A write whose connection was lost may have been committed. A failed connection or a timeout would only fail again.
                    return isRead && connection.InnerException is IOException;
            }
        }

        return false;
    }

    // PostgreSQL, appendix A: connection exceptions, and connections that the server has ended.
    private static bool IsConnectionEnded(string state) =>
        state.StartsWith("08", StringComparison.Ordinal) || state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown;
}
