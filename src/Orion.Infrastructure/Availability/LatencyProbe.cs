namespace Orion.Infrastructure.Availability;

/// <summary>Measures how long questions take.</summary>
internal static class LatencyProbe
{
    private const int Count = 5;

    /// <summary>Asks a few times, once before that for nothing, and gives the median.</summary>
    internal static async Task<TimeSpan> Median(Func<Task> ask, TimeProvider clock)
    {
        await ask();
        var times = new List<TimeSpan>();
        for (var i = 0; i < Count; i++)
        {
            var start = clock.GetTimestamp();
            await ask();
            times.Add(clock.GetElapsedTime(start));
        }

        times.Sort();
        return times[Count / 2];
    }
}
