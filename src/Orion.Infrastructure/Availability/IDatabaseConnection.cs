namespace Orion.Infrastructure.Availability;

/// <summary>A connection beside the requests' pool.</summary>
internal interface IDatabaseConnection
{
    /// <summary>
    /// Asks the database whether it can be written, without a lock. Blocks its thread meanwhile, for a few seconds at the most.
    /// </summary>
    /// <returns>False where the server has no connection left to ask with: then nothing is known.</returns>
    /// <exception cref="DatabaseNotWritableException">It answers, and cannot be written.</exception>
    bool Ping();

    /// <summary>A request was lost with this: the next question looks at the database anew, and leaves the requests their connections.</summary>
    void Renew(Exception loss);

    /// <summary>Closes the idle connections of the requests' pool.</summary>
    void ClearPool();
}
