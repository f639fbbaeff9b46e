using System.Text;
using Orion.Application.Export;
using Orion.Application.Import.Archive;
using Orion.Application.Messaging;

namespace Orion.UnitTests.Import;

public sealed class ArchiveReaderTests
{
    [Fact]
    public async Task Lines_are_counted_and_limited_and_must_be_UTF_8()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var reader = Reader([.. Encoding.UTF8.GetBytes("one\ntwo é"), (byte)'\n', .. new byte[3 * 1024 * 1024]]);
        Assert.Equal("one", await reader.ReadLine(cancellation));
        Assert.Equal("two é", await reader.ReadLine(cancellation));
        var tooLong = await Assert.ThrowsAsync<OperationFailedException>(async () => await reader.ReadLine(cancellation));
        Assert.StartsWith("Line 3 ", tooLong.Message, StringComparison.Ordinal);

        using var invalid = Reader([(byte)'a', 0xC3, (byte)'\n']);
        var notUtf8 = await Assert.ThrowsAsync<OperationFailedException>(async () => await invalid.ReadLine(cancellation));
        Assert.StartsWith("Line 1 ", notUtf8.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no export")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"type":"other"}""")]
    [InlineData("""{"type":"end","sessions":0}""")]
    [InlineData("""{"type":"end","sessions":0,"messages":0,"more":1}""")]
    [InlineData("""{"type":"end","sessions":0,"sessions":0,"messages":0}""")]
    [InlineData("""{"type":"export","format":1,"userId":null}""")]
    [InlineData("""{"type":"end","sessions":0,"messages":0} x""")]
    public void A_line_in_another_format_is_rejected(string line) => Assert.Null(ArchiveLine.Read(line));

    private static ArchiveReader Reader(byte[] bytes) => new(new MemoryStream(bytes));
}
