using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>Reads the frames of a reply behind a number, as many as fit a page.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session's id.</param>
/// <param name="Reply">The reply's id.</param>
/// <param name="After">The number of the last frame that is known; 0 for none.</param>
/// <returns>
/// The frames. If the frames of an ended reply were deleted, they are made of its message, and any <paramref name="After"/> other than 0 is
/// <see cref="RequestErrors.InvalidCursor"/>. So is a number that the reply never sent.
/// </returns>
public sealed record ReadReplyFrames(Caller Caller, SessionId Session, ReplyId Reply, int After) : IQuery<ReplyFramesPage>;

/// <summary>A page of frames.</summary>
/// <param name="Frames">The frames, in order.</param>
/// <param name="IsEnd">Whether the reply has ended and these are its last frames.</param>
public sealed record ReplyFramesPage(IReadOnlyList<StoredFrame> Frames, bool IsEnd);

internal sealed class ReadReplyFramesHandler(ISessions sessions, IReplies replies) : IRequestHandler<ReadReplyFrames, Result<ReplyFramesPage>>
{
    public async Task<Result<ReplyFramesPage>> Handle(ReadReplyFrames query, CancellationToken cancellationToken)
    {
        var reply = await replies.Find(query.Session, query.Reply, query.Caller, cancellationToken);
        if (reply is null) return await sessions.ErrorOfMissingReply(query.Session, query.Caller, cancellationToken);

        // With the known frame, because only its presence proves that the reply sent it.
        var frames = query.After < 0
            ? []
            : await replies.ReadFrames(reply.SessionId, reply.Id, Math.Max(query.After - 1, 0), query.Caller, cancellationToken);
        if (frames.Count > 0) return new ReplyFramesPage([.. frames.SkipWhile(frame => frame.Number <= query.After)], ReplyFrameJson.IsLast(frames[^1]));
        if (query.After != 0) return RequestErrors.InvalidCursor;
        return reply.IsStreaming ? new ReplyFramesPage([], IsEnd: false) : new ReplyFramesPage(await FromMessage(reply, query.Caller, cancellationToken), IsEnd: true);
    }

    private async Task<IReadOnlyList<StoredFrame>> FromMessage(Reply reply, Caller caller, CancellationToken cancellationToken)
    {
        var text = await replies.ReadText(reply, sessions, caller, cancellationToken);
        var transcript = new ReplyTranscript();
        return
        [
            .. transcript.Number(transcript.Begin(reply)),
            .. transcript.Number(transcript.Write(text, isReasoning: false)),
            .. transcript.Number(transcript.End(reply.HowItEnded())),
        ];
    }
}
