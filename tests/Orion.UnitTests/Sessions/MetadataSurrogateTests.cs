using Orion.Domain.Sessions;

namespace Orion.UnitTests.Sessions;

public sealed class MetadataSurrogateTests
{
    [Fact]
    public void An_unpaired_surrogate_is_an_error_and_not_an_exception()
    {
        foreach (var json in new[] { "{\"a\":\"\ud83d\"}", "{\"\ude80\":1}", "{}\ud83d", "\ude80{}" })
            Assert.Equal("validation_failed", Metadata.Parse(json).Error?.Code);
    }

    [Theory]
    [InlineData("""{"k":"\ud83d"}""")]
    [InlineData("""{"k":"\uDE80"}""")]
    [InlineData("""{"k":"\ude80\ud83d"}""")]
    [InlineData("""{"k":"\ud83dx\ude80"}""")]
    [InlineData("""{"k":"\ud83d\\ude80"}""")]
    [InlineData("""{"\ud83d":1}""")]
    [InlineData("""{"a":[{"b":{"\udfff":1}}]}""")]
    [InlineData("""{"a":[["x","\ud800"]]}""")]
    public void An_escaped_one_is_rejected_in_values_and_names_at_any_depth(string json) =>
        Assert.Equal(SessionErrors.NotStorable, Metadata.Parse(json).Error);
}
