namespace Orion.Infrastructure.Persistence.Availability;

/// <summary>A connection beside the requests' pool.</summary>
internal interface IDatabaseConnection
{
    /// <summary>Connects, asks something small, and disconnects. Blocks its thread meanwhile, for a few seconds at the most.</summary>
    void Ping();

    /// <summary>Closes the idle connections of the requests' pool.</summary>
    void ForgetPooled();
}
