using Orion.Application.Replies;

namespace Orion.Infrastructure.Replies;

/// <summary>Frames of one reply that are stored in one row.</summary>
/// <param name="Key">The reply.</param>
/// <param name="Frames">The frames, without gaps.</param>
internal sealed record FrameChunk(ReplyKey Key, IReadOnlyList<StoredFrame> Frames)
{
    /// <summary>The number of the first frame.</summary>
    internal int Number => Frames[0].Number;

    /// <summary>The frames as one text.</summary>
    internal string Text { get; } = StoredFrames.Join(Frames);
}

/// <summary>What has become of a chunk.</summary>
internal enum ChunkResult
{
    /// <summary>It is stored.</summary>
    Stored,

    /// <summary>Another transaction holds the reply's lock. The chunk is written again.</summary>
    Busy,

    /// <summary>The reply has ended, or no longer exists.</summary>
    Lost,
}
