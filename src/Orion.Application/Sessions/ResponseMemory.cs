using Orion.Application.Concurrency;

namespace Orion.Application.Sessions;

/// <summary>
/// The memory for large responses while they are read and written. A reader that cannot reserve it releases its rows and its
/// connection, waits, and reads again.
/// </summary>
public static class ResponseMemory
{
    /// <summary>
    /// The memory of a response as a multiple of its size: a string has two bytes for each ASCII character, and the response is written
    /// before the rows are released.
    /// </summary>
    private const int Factor = 3;

    /// <summary>Reserves the memory for a response, if that is possible without a wait.</summary>
    public static bool HasRoomFor(this ByteReservation? memory, long responseBytes) =>
        memory is null || responseBytes <= InFlightBytes.Small || memory.TryGrowTo(responseBytes * Factor);

    /// <summary>Waits until the memory for a response can be reserved.</summary>
    /// <exception cref="OverloadedException">The wait was too long.</exception>
    public static ValueTask WaitForRoom(this ByteReservation memory, long responseBytes, CancellationToken cancellationToken)
    {
        memory.ShrinkTo(0);
        return memory.GrowTo(responseBytes * Factor, cancellationToken);
    }
}
