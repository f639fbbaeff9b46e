namespace Orion.Infrastructure.Availability;

/// <summary>The connection of the health check, outside of the requests' pool.</summary>
internal interface IDatabaseConnection
{
    /// <summary>Checks that the database can be written, without a lock. Blocks its thread for a few seconds at most.</summary>
    /// <returns>False if the server has no connection left for the check, so that the result is unknown.</returns>
    /// <exception cref="DatabaseNotWritableException">The database responds, and cannot be written.</exception>
    bool Ping();

    /// <summary>Reports that a request failed. The next check then uses a new connection if the failure calls for it.</summary>
    void Reset(Exception exception);

    /// <summary>Closes the idle connections of the requests' pool.</summary>
    void ClearPool();
}
