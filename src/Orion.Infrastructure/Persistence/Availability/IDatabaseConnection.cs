namespace Orion.Infrastructure.Persistence.Availability;

/// <summary>A connection beside the requests' pool.</summary>
internal interface IDatabaseConnection
{
    /// <summary>Connects, asks something small, and disconnects.</summary>
    Task Ping(CancellationToken cancellationToken);

    /// <summary>Closes the idle connections of the requests' pool.</summary>
    void ForgetPooled();
}
