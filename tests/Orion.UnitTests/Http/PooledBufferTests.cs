using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Orion.Api.Http;
using Orion.Application.Concurrency;

namespace Orion.UnitTests.Http;

public sealed class PooledBufferTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(16_384, 1)]
    [InlineData(16_384, 2)]
    [InlineData(65_536, 3)]
    [InlineData(65_537, 3)]
    [InlineData(300_000, 2)]
    [InlineData(16_300, 250)]
    [InlineData(7, 30_000)]
    public async Task Written_bytes_are_read_back(int size, int times)
    {
        using var expected = new MemoryStream();
        using var moved = new PooledBuffer();
        using var joined = new PooledBuffer();
        for (var n = 0; n < times; n++)
        {
            var part = Enumerable.Repeat((byte)n, size).ToArray();
            expected.Write(part);
            // Like a JSON writer, which requests more than it then uses.
            part.CopyTo(moved.GetSpan(3 * size));
            moved.Advance(size);
            joined.Write(part);
        }

        Assert.Equal((expected.Length, expected.Length), (moved.Length, joined.Length));
        Assert.Equal(expected.ToArray(), joined.Join().ToArray());
        Assert.Equal(expected.ToArray(), joined.Join().ToArray());
        using var stream = new MemoryStream();
        await moved.MoveTo(stream, new InFlightBytes(new FakeTimeProvider()).Begin(), Ct);
        Assert.Equal(expected.ToArray(), stream.ToArray());
    }

    [Fact]
    public async Task The_output_of_a_JSON_writer_is_read_back()
    {
        string[] texts = [new('a', 100_000), new('\u0001', 20_000), string.Concat(Enumerable.Repeat("😀", 50_000)), .. Enumerable.Repeat("short", 50_000)];
        using var buffer = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(buffer)) JsonSerializer.Serialize(writer, texts);

        using var stream = new MemoryStream();
        await buffer.MoveTo(stream, new InFlightBytes(new FakeTimeProvider()).Begin(), Ct);

        Assert.Equal(texts, JsonSerializer.Deserialize<string[]>(Encoding.UTF8.GetString(stream.ToArray())));
    }

    [Fact]
    public async Task Moved_bytes_no_longer_count()
    {
        var all = new InFlightBytes(new FakeTimeProvider(), 400_000);
        using var memory = all.Begin();
        using var buffer = new PooledBuffer();
        buffer.Write(new byte[300_000]);
        Assert.True(memory.TryGrowTo(buffer.Length));

        await buffer.MoveTo(new MemoryStream(), memory, Ct);

        Assert.True(all.Begin().TryGrowTo(300_000));
    }
}
