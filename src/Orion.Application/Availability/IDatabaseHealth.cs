namespace Orion.Application.Availability;

/// <summary>Knows whether the database answers. One check runs at a time, at most one a second, beside the requests' own connections.</summary>
public interface IDatabaseHealth
{
    /// <summary>Whether the database is not ready yet, or was found to be away and has not been seen since.</summary>
    bool IsUnavailable { get; }

    /// <summary>Ends once the database has been connected to and is migrated.</summary>
    Task WhenReady { get; }

    /// <summary>Whether the database answers within 2 s and can be written.</summary>
    Task<bool> Check();

    /// <summary>Whether an exception is the database's condition (away, overloaded, read-only), rather than that Orion is wrong.</summary>
    bool IsTransientError(Exception exception);

    /// <summary>
    /// Whether a request that failed so may run once more: the database has taken everything back, or the request reads and its
    /// connection was lost.
    /// </summary>
    bool CanRetry(Exception exception, bool isRead);

    /// <summary>What an exception of the database means, in a sentence for the operator.</summary>
    string Explain(Exception exception);

    /// <summary>A request was lost with such an exception: whether one connection or all of the database is gone, the check finds out.</summary>
    void ReportLoss(Exception loss);
}

/// <summary>The database cannot be asked now; nothing was changed as far as Orion knows.</summary>
public sealed class DatabaseUnavailableException : Exception
{
    /// <summary>The database was found to be away.</summary>
    public DatabaseUnavailableException()
        : base("The database does not answer.")
    {
    }

    /// <summary>The database was lost at work.</summary>
    public DatabaseUnavailableException(Exception cause)
        : base("The database was lost.", cause)
    {
    }
}
