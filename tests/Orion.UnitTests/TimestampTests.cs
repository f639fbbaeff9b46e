using Microsoft.Extensions.Time.Testing;
using Orion.Domain;

namespace Orion.UnitTests;

public sealed class TimestampTests
{
    private static readonly DateTimeOffset Second = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    [Fact]
    public void The_present_is_in_UTC_and_cut_to_microseconds()
    {
        var clock = new FakeTimeProvider(Second.AddTicks(1_234_567));

        Assert.Equal(Second.AddTicks(1_234_560), clock.GetUtcInstant());
        Assert.Equal(TimeSpan.Zero, clock.GetUtcInstant().Offset);
    }

    [Fact]
    public void Cutting_keeps_the_instant_of_another_offset()
    {
        var elsewhere = Second.AddTicks(9).ToOffset(TimeSpan.FromHours(-7));

        Assert.Equal(Second, elsewhere.TruncateToMicroseconds());
        Assert.Equal(TimeSpan.Zero, elsewhere.TruncateToMicroseconds().Offset);
    }

    [Fact]
    public void The_next_second_comes_after_every_instant_of_this_one()
    {
        Assert.Equal(Second.AddSeconds(1), Second.NextSecond());
        Assert.Equal(Second.AddSeconds(1), Second.AddTicks(1).NextSecond());
        Assert.Equal(Second.AddSeconds(1), Second.AddSeconds(1).AddTicks(-1).NextSecond());
    }
}
