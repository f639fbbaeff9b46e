namespace Orion.Infrastructure.Availability;

/// <summary>Compares the clock of a server with that of this machine.</summary>
internal static class ClockProbe
{
    /// <summary>How far the server's clock is ahead. The error is at most half the duration of the query.</summary>
    internal static async Task<TimeSpan> Ahead(Func<Task<DateTimeOffset>> query, TimeProvider clock)
    {
        var before = clock.GetUtcNow();
        var server = await query();
        return server - (before + ((clock.GetUtcNow() - before) / 2));
    }
}
