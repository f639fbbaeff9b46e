using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>The content of stored replies, and the numbers of new frames.</summary>
public static class ReplyTranscripts
{
    /// <summary>The frames with their numbers and as JSON.</summary>
    /// <param name="transcript">The transcript that has just created them.</param>
    /// <param name="frames">The frames.</param>
    public static IReadOnlyList<StoredFrame> Number(this ReplyTranscript transcript, IReadOnlyList<ReplyFrame> frames)
    {
        var first = transcript.LastNumber - frames.Count + 1;
        return [.. frames.Select((frame, i) => new StoredFrame(first + i, ReplyFrameJson.Write(frame)))];
    }

    /// <summary>The text of a reply so far; empty before its first text.</summary>
    internal static async Task<string> ReadText(
        this IReplies replies, Reply reply, ISessions sessions, Caller caller, CancellationToken cancellationToken) =>
        reply.IsStreaming
            ? (await replies.ReadTranscript(reply, caller, cancellationToken)).Text
            : (await sessions.FindMessage(reply.SessionId, reply.MessageId, caller, cancellationToken))?.Content.Value ?? "";

    /// <summary>The error if a session has no such reply.</summary>
    internal static async Task<Error> ErrorOfMissingReply(
        this ISessions sessions, SessionId session, Caller caller, CancellationToken cancellationToken) =>
        await sessions.Find(session, caller, cancellationToken) is null ? SessionErrors.NotFound : ReplyErrors.NotFound;

    /// <summary>The transcript of a reply's stored frames.</summary>
    internal static async Task<ReplyTranscript> ReadTranscript(
        this IReplies replies, Reply reply, Caller caller, CancellationToken cancellationToken)
    {
        var transcript = new ReplyTranscript();
        IReadOnlyList<StoredFrame> page;
        do
        {
            page = await replies.ReadFrames(reply.SessionId, reply.Id, transcript.LastNumber, caller, cancellationToken);
            foreach (var frame in page) transcript.Replay(ReplyFrameJson.ReadPart(frame.Json));
        }
        while (page.Count > 0);
        return transcript;
    }
}
