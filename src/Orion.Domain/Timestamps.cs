namespace Orion.Domain;

/// <summary>The precision of Orion's instants: microseconds, so that both databases give back what was written.</summary>
public static class Timestamps
{
    /// <summary>The present instant in UTC, cut to microseconds.</summary>
    public static DateTimeOffset GetUtcInstant(this TimeProvider clock) => clock.GetUtcNow().CutToMicroseconds();

    /// <summary>The instant in UTC, without what is finer than a microsecond.</summary>
    public static DateTimeOffset CutToMicroseconds(this DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    /// <summary>The beginning of the second after the one that holds the instant.</summary>
    public static DateTimeOffset NextSecond(this DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerSecond) + TimeSpan.TicksPerSecond, TimeSpan.Zero);
}
