using System.Text;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Sessions;

public sealed class MetadataTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("{ }")]
    [InlineData(" \r\n\t{ \"b\" : 1 , \"a\" : 2 } \n")]
    [InlineData("{\"n\":1e131071}")]
    [InlineData("{\"n\":1.0,\"m\":1.00,\"k\":-0,\"l\":12345678901234567890.123456789012345678901234567890}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"\":{\"\":[]}}")]
    [InlineData("{\"t\":\"\\u00e9\\/\\ud83d\\ude80\\u0000\\\\ud800\"}")]
    [InlineData("{\"t\":\"é\u2028\u007f🚀\"}")]
    public void An_object_is_kept_byte_for_byte(string json)
    {
        Assert.Equal(json, Metadata.Parse(json).Value.Json);
        Assert.Equal(json, Metadata.From(json).Json);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("[{}]")]
    [InlineData("1")]
    [InlineData("true")]
    [InlineData("\"{}\"")]
    [InlineData("{")]
    [InlineData("}")]
    [InlineData("{}{}")]
    [InlineData("{},")]
    [InlineData("{}x")]
    [InlineData("{a:1}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\"}")]
    [InlineData("{/* no */}")]
    [InlineData("{} // no")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":+1}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":\"line\nbreak\"}")]
    [InlineData("{\"a\":\"\\x\"}")]
    [InlineData("\ufeff{}")]
    [InlineData("\u00a0{}")]
    public void Anything_but_a_JSON_object_is_rejected(string json) =>
        Assert.Equal("validation_failed", Metadata.Parse(json).Error?.Code);

    [Fact]
    public void NUL_in_the_text_is_rejected()
    {
        Assert.NotNull(Metadata.Parse("{}\0").Error);
        Assert.NotNull(Metadata.Parse("{\"a\":\"\0\"}").Error);
    }

    [Fact]
    public void An_object_has_at_most_16_KiB_in_bytes_of_UTF_8()
    {
        const string frame = "{\"a\":\"\"}";
        var largest = frame.Insert(6, new string('é', (Metadata.MaxBytes - frame.Length) / 2));

        Assert.Equal(16_384, Encoding.UTF8.GetByteCount(largest));
        Assert.Equal(largest, Metadata.Parse(largest).Value.Json);
        Assert.Equal("validation_failed", Metadata.Parse(largest.Insert(6, "x")).Error?.Code);
    }

    [Fact]
    public void Blanks_around_the_object_count()
    {
        Assert.Null(Metadata.Parse("{}" + new string(' ', Metadata.MaxBytes - 2)).Error);
        Assert.NotNull(Metadata.Parse("{}" + new string(' ', Metadata.MaxBytes - 1)).Error);
    }

    [Fact]
    public void An_object_that_is_nested_too_deep_is_rejected()
    {
        const int depth = 3_000;
        var json = string.Concat(Enumerable.Repeat("{\"\":", depth)) + "{}" + new string('}', depth);

        Assert.Equal("validation_failed", Metadata.Parse(json).Error?.Code);
    }

    [Fact]
    public void The_empty_object_represents_no_metadata()
    {
        Assert.Equal("{}", Metadata.Empty.Json);
        Assert.Equal(Metadata.Empty, Metadata.Parse("{}").Value);
        Assert.Same(Metadata.Empty, Metadata.From("{}"));
        Assert.NotEqual(Metadata.Empty, Metadata.Parse("{ }").Value);
    }
}
