using System.Runtime.CompilerServices;
using Microsoft.Extensions.Hosting;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Replies;

internal sealed class ReplyStreams(
    RunningReplies replies,
    ReplyFollower follower,
    ICallerAccessWatch access,
    IDispatcher dispatcher,
    ReplyMetrics metrics,
    IHostApplicationLifetime lifetime,
    TimeProvider clock) : IReplyStreams
{
    private static readonly string Stopped = ReplyFrameJson.Write(new ReplyFrame.Abort(FinishReason.Stopped));

    public async IAsyncEnumerable<IReadOnlyList<StoredFrame>> Read(
        SessionId session, ReplyId reply, int after, Caller caller, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var watched = access.Watch(caller);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watched.Revoked);
        using var reader = new ReplyReader(replies, follower, dispatcher, lifetime, clock, new ReplyKey(caller.Id, session, reply), caller, after);
        metrics.StreamOpened();
        try
        {
            while (await Next(reader, end.Token, cancellationToken) is { } frames)
            {
                // An instance that finds the revocation first stops the reply. Its end must not look like one to the caller.
                if (frames is [.., var last] && last.Json == Stopped && await access.IsRevoked(caller, cancellationToken))
                    throw new ReplyStreamEndedException();
                yield return frames;
            }
        }
        finally
        {
            metrics.StreamClosed();
        }
    }

    private static async Task<IReadOnlyList<StoredFrame>?> Next(ReplyReader reader, CancellationToken end, CancellationToken disconnected)
    {
        try
        {
            end.ThrowIfCancellationRequested();
            return await reader.Next(end);
        }
        catch (OperationCanceledException) when (!disconnected.IsCancellationRequested)
        {
            throw new ReplyStreamEndedException();
        }
    }
}
