using Orion.Domain.Sessions;

namespace Orion.UnitTests.Domain.Sessions;

public sealed class MetadataSurrogateTests
{
    [Fact]
    public void An_unpaired_surrogate_is_refused_and_not_thrown()
    {
        foreach (var json in new[] { "{\"a\":\"\ud83d\"}", "{\"\ude80\":1}", "{}\ud83d", "\ude80{}" })
            Assert.Equal("validation_failed", Metadata.Parse(json).Error?.Code);
    }
}
