namespace Orion.Application.Availability;

/// <summary>Whether the database is available. One check runs at a time, at most one per second, on a connection outside of the requests' pool.</summary>
public interface IDatabaseHealth
{
    /// <summary>Whether the database is not ready yet, or was unavailable at the last check.</summary>
    bool IsUnavailable { get; }

    /// <summary>Completes once the database has been reached and is migrated.</summary>
    Task WhenReady { get; }

    /// <summary>Whether the database responds within 2 s and can be written.</summary>
    Task<bool> Check();

    /// <summary>
    /// Whether an exception comes from the condition of the database (unavailable, overloaded, read-only), and not from a bug in Orion.
    /// </summary>
    bool IsTransientError(Exception exception);

    /// <summary>
    /// Whether a request that failed with an exception can be repeated: the database has rolled everything back, or the request only reads
    /// and its connection was lost.
    /// </summary>
    bool CanRetry(Exception exception, bool isRead);

    /// <summary>Explains an exception of the database to the operator, in a sentence.</summary>
    string Explain(Exception exception);

    /// <summary>Reports that a request failed with an exception. A check then determines whether only its connection was lost.</summary>
    void ReportFailure(Exception exception);
}

/// <summary>The database is unavailable. As far as Orion knows, nothing was changed.</summary>
public sealed class DatabaseUnavailableException : Exception
{
    /// <summary>A check failed.</summary>
    public DatabaseUnavailableException()
        : base("The database is unavailable.")
    {
    }

    /// <summary>The connection was lost during a request.</summary>
    public DatabaseUnavailableException(Exception cause)
        : base("The connection to the database was lost.", cause)
    {
    }
}
