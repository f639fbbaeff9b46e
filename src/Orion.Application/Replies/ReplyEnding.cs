using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>Ends replies in the transaction of a command: stores the last frames and appends the message.</summary>
internal sealed class ReplyEnding(ISessions sessions, IReplies replies, TimeProvider clock)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Ends a reply. One that has ended stays as it is, and so does one that is not expected.</summary>
    /// <param name="id">Identifies the reply. Its owner is the caller.</param>
    /// <param name="pending">Frames that follow the stored ones. Those that are stored already are ignored.</param>
    /// <param name="end">How it ends.</param>
    /// <param name="caller">The owner.</param>
    /// <param name="isExpected">Whether the reply, which is locked, may be ended.</param>
    /// <param name="cancellationToken">Cancels the wait for the locks.</param>
    internal async Task<Result<ReplyView>> End(
        (SessionId Session, ReplyId Reply) id, IReadOnlyList<StoredFrame> pending, ReplyEnd end, Caller caller, Func<Reply, bool> isExpected,
        CancellationToken cancellationToken)
    {
        var session = await sessions.FindForUpdate(id.Session, caller, cancellationToken);
        if (session is null) return SessionErrors.NotFound;
        var reply = await replies.FindForUpdate(id.Session, id.Reply, caller, cancellationToken);
        if (reply is null) return ReplyErrors.NotFound;

        return ReplyView.From(reply, reply.IsStreaming && isExpected(reply)
            ? await End(session, reply, pending, end, caller, cancellationToken)
            : await replies.ReadText(reply, sessions, caller, cancellationToken));
    }

    /// <summary>Stops the running reply of a session, which is locked. Does nothing if none is running.</summary>
    internal async Task StopRunning(Session session, Caller caller, CancellationToken cancellationToken)
    {
        if (await replies.FindRunning(session.Id, caller, cancellationToken) is not { } running) return;
        var reply = await replies.FindForUpdate(session.Id, running.Id, caller, cancellationToken);
        await End(session, reply!, [], ReplyEnd.Stopped, caller, cancellationToken);
    }

    private async Task<string> End(
        Session session, Reply reply, IReadOnlyList<StoredFrame> pending, ReplyEnd end, Caller caller, CancellationToken cancellationToken)
    {
        var transcript = await replies.ReadTranscript(reply, caller, cancellationToken);
        var frames = new List<StoredFrame>();
        foreach (var frame in pending.Where(frame => frame.Number > transcript.LastNumber))
        {
            if (frame.Number != transcript.LastNumber + 1) throw new ArgumentException("A frame is missing.", nameof(pending));
            transcript.Replay(ReplyFrameJson.ReadPart(frame.Json));
            frames.Add(frame);
        }

        // Backups leave the frames out.
        if (transcript.LastNumber == 0) frames.AddRange(transcript.Number(transcript.Begin(reply)));
        frames.AddRange(transcript.Number(transcript.End(end)));
        await replies.AddFrames(reply, frames, caller, cancellationToken);

        var message = reply.End(session, transcript.Text, end, MetadataOf(reply, end), clock.GetUtcInstant());
        if (message is not null) sessions.Add(message, caller);
        return transcript.Text;
    }

    private static Metadata MetadataOf(Reply reply, ReplyEnd end)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("model", reply.Model);
            json.WriteString("finishReason", end.Reason.ToName());
            if (end.Usage is { } usage)
            {
                json.WriteStartObject("usage");
                json.WriteNumber("inputTokens", usage.InputTokens);
                json.WriteNumber("outputTokens", usage.OutputTokens);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return Metadata.From(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}
