using Orion.Application.Replies;

namespace Orion.Infrastructure.Replies;

/// <summary>Reads the frames of a row.</summary>
internal static class StoredFrames
{
    /// <param name="number">The number of the first frame.</param>
    /// <param name="text">See <see cref="FrameChunk.Text"/>.</param>
    internal static IEnumerable<StoredFrame> Split(int number, string text) => text.Split('\n').Select(json => new StoredFrame(number++, json));
}
