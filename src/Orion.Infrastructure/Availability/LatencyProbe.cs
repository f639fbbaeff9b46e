namespace Orion.Infrastructure.Availability;

/// <summary>Measures the latency of queries.</summary>
internal static class LatencyProbe
{
    private const int Count = 5;

    /// <summary>The median of a few queries. One query before them is not measured.</summary>
    internal static async Task<TimeSpan> Median(Func<Task> query, TimeProvider clock)
    {
        await query();
        var times = new List<TimeSpan>();
        for (var i = 0; i < Count; i++)
        {
            var start = clock.GetTimestamp();
            await query();
            times.Add(clock.GetElapsedTime(start));
        }

        times.Sort();
        return times[Count / 2];
    }
}
