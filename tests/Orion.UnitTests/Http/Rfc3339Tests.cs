using System.Globalization;
using CsCheck;
using Orion.Api.Http;

namespace Orion.UnitTests.Http;

public sealed class Rfc3339Tests
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private const string Least = "0001-01-01T00:00:00.000000Z";
    private const string Most = "9999-12-31T23:59:59.999999Z";

    [Theory]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000Z", "2026-01-31T12:00:00.000999Z")]
    [InlineData("2026-01-31t12:00:00.5z", "2026-01-31T12:00:00.500000Z", "2026-01-31T12:00:00.500999Z")]
    [InlineData("2026-01-31T12:00:00.123Z", "2026-01-31T12:00:00.123000Z", "2026-01-31T12:00:00.123999Z")]
    [InlineData("2026-01-31T12:00:00.123456Z", "2026-01-31T12:00:00.123456Z", "2026-01-31T12:00:00.123456Z")]
    [InlineData("2026-01-31T12:00:00.1234567890123456789012345Z", "2026-01-31T12:00:00.123456Z", "2026-01-31T12:00:00.123456Z")]
    [InlineData("2026-01-31T12:00:00-00:00", "2026-01-31T12:00:00.000000Z", "2026-01-31T12:00:00.000999Z")]
    [InlineData("2026-01-31T23:59:00+23:59", "2026-01-31T00:00:00.000000Z", "2026-01-31T00:00:00.000999Z")]
    [InlineData("2026-01-31T00:00:00-23:59", "2026-01-31T23:59:00.000000Z", "2026-01-31T23:59:00.000999Z")]
    [InlineData("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z", "2016-12-31T23:59:59.999999Z")]
    [InlineData("2016-12-31T15:59:60.25-08:00", "2016-12-31T23:59:59.999999Z", "2016-12-31T23:59:59.999999Z")]
    [InlineData("2017-01-01T08:59:60.999+09:00", "2016-12-31T23:59:59.999999Z", "2016-12-31T23:59:59.999999Z")]
    [InlineData("0000-01-01T00:00:00Z", Least, Least)]
    [InlineData("0000-02-29T12:00:00Z", Least, Least)]
    [InlineData("0000-12-31T23:59:00-23:59", "0001-01-01T23:58:00.000000Z", "0001-01-01T23:58:00.000999Z")]
    [InlineData("0001-01-01T00:00:00+02:00", Least, Least)]
    [InlineData("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999000Z", Most)]
    [InlineData("9999-12-31T23:00:00-02:00", Most, Most)]
    [InlineData("9999-12-31T23:59:60Z", Most, Most)]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z", "2024-02-29T00:00:00.000999Z")]
    public void A_date_time_is_the_microseconds_that_it_names_or_the_nearest_ones(string text, string first, string last)
    {
        var span = Rfc3339.Parse(text)!.Value;

        Assert.Equal(first, span.First.ToString(Format, CultureInfo.InvariantCulture));
        Assert.Equal(last, span.Last.ToString(Format, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-31")]
    [InlineData("2026-01-31T12:00:00")]
    [InlineData("2026-01-31T12:00Z")]
    [InlineData("2026-01-31 12:00:00Z")]
    [InlineData("2026-01-31T12:00:00.Z")]
    [InlineData("2026-01-31T12:00:00,5Z")]
    [InlineData("2026-01-31T24:00:00Z")]
    [InlineData("2026-01-31T12:60:00Z")]
    [InlineData("2026-01-31T12:00:61Z")]
    [InlineData("2026-01-31T12:00:60Z")]
    [InlineData("2016-12-31T23:58:60Z")]
    [InlineData("2016-12-31T23:59:60+01:00")]
    [InlineData("2026-01-31T12:00:00+24:00")]
    [InlineData("2026-01-31T12:00:00+02:60")]
    [InlineData("2026-01-31T12:00:00+0200")]
    [InlineData("2026-01-31T12:00:00 02:00")]
    [InlineData("2026-00-31T12:00:00Z")]
    [InlineData("2026-13-31T12:00:00Z")]
    [InlineData("2026-01-00T12:00:00Z")]
    [InlineData("2026-02-29T12:00:00Z")]
    [InlineData("2100-02-29T12:00:00Z")]
    [InlineData("10000-01-01T00:00:00Z")]
    [InlineData("٢٠٢٦-01-31T12:00:00Z")]
    [InlineData("2026-01-31T12:00:00Z\n")]
    public void Any_other_text_is_not_a_date_time(string text) => Assert.Null(Rfc3339.Parse(text));

    [Fact]
    public void What_the_framework_reads_is_read_the_same() =>
        Gen.Select(Gen.DateTimeOffset, Gen.Int[-840, 840]).Where((at, _) => at.UtcDateTime.Year is > 1 and < 9999).Sample((at, minutes) =>
        {
            var text = at.ToOffset(TimeSpan.FromMinutes(minutes)).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
            Assert.Equal(DateTimeOffset.Parse(text, CultureInfo.InvariantCulture), Rfc3339.Parse(text)!.Value.First);
        });

    [Fact]
    public void Every_date_time_of_the_grammar_is_accepted_and_ordered() =>
        Gen.Select(Gen.Int[0, 9999], Gen.Int[1, 12], Gen.Int[1, 28], Gen.Int[0, 86_399], Gen.Int[-1439, 1439]).Sample((year, month, day, second, offset) =>
        {
            var length = Math.Abs(offset);
            var span = Rfc3339.Parse(
                $"{year:0000}-{month:00}-{day:00}T{second / 3600:00}:{second / 60 % 60:00}:{second % 60:00}{(offset < 0 ? '-' : '+')}{length / 60:00}:{length % 60:00}");
            Assert.True(span!.Value.First <= span.Value.Last);
        });

    [Theory]
    [InlineData("2026-01-31T12:00:00 02:00", true)]
    [InlineData("2026-01-31T12:00:00.5 14:30", true)]
    [InlineData("2026-01-31T12:00:00Z", false)]
    [InlineData("2026-01-31 12:00:00+02:00", false)]
    [InlineData("2026-01-31T12:00:00 ", false)]
    [InlineData(" ", false)]
    public void An_unencoded_plus_is_recognized(string text, bool isLost) => Assert.Equal(isLost, Rfc3339.HasUnencodedPlus(text));
}
