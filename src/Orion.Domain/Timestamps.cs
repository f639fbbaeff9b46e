namespace Orion.Domain;

/// <summary>Times with microsecond precision, which both databases store without loss.</summary>
public static class Timestamps
{
    /// <summary>The current time in UTC, truncated to microseconds.</summary>
    public static DateTimeOffset GetUtcInstant(this TimeProvider clock) => clock.GetUtcNow().TruncateToMicroseconds();

    /// <summary>The time in UTC, truncated to microseconds.</summary>
    public static DateTimeOffset TruncateToMicroseconds(this DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    /// <summary>The beginning of the next second.</summary>
    public static DateTimeOffset NextSecond(this DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerSecond) + TimeSpan.TicksPerSecond, TimeSpan.Zero);
}
