using Orion.Application.Concurrency;

namespace Orion.Application.Sessions;

/// <summary>
/// Memory for large answers while they are read and written. A reader that finds none lets its rows and its connection go, waits,
/// and reads again: what waits holds nothing.
/// </summary>
public static class ResponseMemory
{
    /// <summary>
    /// What an answer takes, as a multiple of its bytes: a text in memory has two bytes for each ASCII character, and the answer is
    /// written before the rows are let go.
    /// </summary>
    private const int Factor = 3;

    /// <summary>Whether an answer of so many bytes can be read now.</summary>
    public static bool HasRoomFor(this ByteReservation? memory, long answerBytes) =>
        memory is null || answerBytes <= InFlightBytes.Small || memory.TryCover(answerBytes * Factor);

    /// <summary>Waits until an answer of so many bytes can be read.</summary>
    /// <exception cref="OverloadedException">The wait was too long.</exception>
    public static ValueTask WaitForRoom(this ByteReservation memory, long answerBytes, CancellationToken cancellationToken)
    {
        memory.ShrinkTo(0);
        return memory.Cover(answerBytes * Factor, cancellationToken);
    }
}
