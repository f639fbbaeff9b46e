using Orion.Application.Replies;

namespace Orion.Infrastructure.Replies;

/// <summary>The frames of a row as one text, separated by line feeds. A frame contains none.</summary>
internal static class StoredFrames
{
    /// <summary>Writes the text.</summary>
    internal static string Join(IEnumerable<StoredFrame> frames) => string.Join('\n', frames.Select(frame => frame.Json));

    /// <summary>Reads the text.</summary>
    /// <param name="number">The number of the first frame.</param>
    /// <param name="text">The text.</param>
    internal static IEnumerable<StoredFrame> Split(int number, string text) => text.Split('\n').Select(json => new StoredFrame(number++, json));
}
