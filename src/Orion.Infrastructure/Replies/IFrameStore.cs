using Orion.Application.Replies;
using Orion.Domain.Replies;

namespace Orion.Infrastructure.Replies;

/// <summary>
/// The frame writer's access to the database, on a separate connection. It waits for no lock of another transaction. Every method works
/// only on replies that are still streaming and belong to the instance. Used by one caller at a time.
/// </summary>
internal interface IFrameStore : IAsyncDisposable
{
    /// <summary>Stores at most one chunk for each reply, in one transaction. A chunk that is stored already stays as it is.</summary>
    /// <returns>The result of each chunk, in their order.</returns>
    Task<IReadOnlyList<ChunkResult>> Write(InstanceId instance, IReadOnlyList<FrameChunk> chunks, CancellationToken cancellationToken);

    /// <summary>Increases the leases of replies.</summary>
    Task RenewLeases(InstanceId instance, IReadOnlyList<ReplyKey> replies, CancellationToken cancellationToken);

    /// <summary>Those of the replies that are still streaming.</summary>
    Task<IReadOnlySet<ReplyKey>> FindStreaming(InstanceId instance, IReadOnlyList<ReplyKey> replies, CancellationToken cancellationToken);

    /// <summary>Closes the connection until the next call.</summary>
    ValueTask Close();
}

/// <summary>The follower's access to the frames that other instances store. Used by one caller at a time.</summary>
internal interface IFrameSource : IAsyncDisposable
{
    /// <summary>Waits until another instance may have stored frames, at most for a duration.</summary>
    Task WaitForChange(TimeSpan atMost, CancellationToken cancellationToken);

    /// <summary>Reads the next frames of replies.</summary>
    /// <param name="replies">The replies, each with the number of the last known frame, which is the last one of its row.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    Task<IReadOnlyList<NewFrames>> Read(IReadOnlyList<(ReplyKey Reply, int After)> replies, CancellationToken cancellationToken);

    /// <summary>Closes the connection until the next call.</summary>
    ValueTask Close();
}

/// <summary>The next frames of a reply.</summary>
/// <param name="Reply">The reply.</param>
/// <param name="Frames">The frames, without gaps; there may be more.</param>
/// <param name="IsStreaming">Whether the reply is still streaming.</param>
internal sealed record NewFrames(ReplyKey Reply, IReadOnlyList<StoredFrame> Frames, bool IsStreaming);
