using Orion.Application.Messaging;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>Runs the replies of this process.</summary>
public interface IReplyRunner
{
    /// <summary>This process.</summary>
    InstanceId Instance { get; }

    /// <summary>Is cancelled when the time that a shutdown gives to running replies is over.</summary>
    CancellationToken Interruption { get; }

    /// <summary>Asks the model, and stores and sends what it writes, until the reply ends. Returns at once.</summary>
    void Start(BegunReply reply, Caller caller);
}

/// <summary>The streams of replies.</summary>
public interface IReplyStreams
{
    /// <summary>
    /// Reads the frames of a reply as they are stored, until it ends. The reply may run on any instance.
    /// </summary>
    /// <param name="session">The session's id.</param>
    /// <param name="reply">The reply's id, which exists.</param>
    /// <param name="after">The number of the last frame that the reader has; 0 for none.</param>
    /// <param name="caller">The session's owner. Its access is checked while the stream is open.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>Batches of frames, in order and without gaps. An empty batch means that nothing happened for 15 s.</returns>
    /// <exception cref="ReplyStreamEndedException">The reply was deleted, the caller's access was revoked, or the service is stopping.</exception>
    IAsyncEnumerable<IReadOnlyList<StoredFrame>> Read(
        SessionId session, ReplyId reply, int after, Caller caller, CancellationToken cancellationToken);
}

/// <summary>The stream cannot continue. Its connection is closed, so that the client sees an error and not an end.</summary>
public sealed class ReplyStreamEndedException() : Exception("The stream of a reply cannot continue.");
