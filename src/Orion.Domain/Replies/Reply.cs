using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Domain.Replies;

/// <summary>
/// A model's reply to the last message of a user. While it is streaming, one instance of the service writes its frames and renews its lease.
/// Ending it appends its text to the session as a message.
/// </summary>
public sealed class Reply
{
    // EF Core uses this constructor.
    private Reply(UserId ownerId, SessionId sessionId, ReplyId id, MessageId messageId, string model, InstanceId instance, DateTimeOffset createdAt)
    {
        OwnerId = ownerId;
        SessionId = sessionId;
        Id = id;
        MessageId = messageId;
        Model = model;
        Instance = instance;
        CreatedAt = createdAt;
    }

    /// <summary>Its owner.</summary>
    public UserId OwnerId { get; private set; }

    /// <summary>Its session.</summary>
    public SessionId SessionId { get; private set; }

    /// <summary>Its id, unique within its session.</summary>
    public ReplyId Id { get; private set; }

    /// <summary>The id of its message, which exists once the reply has ended with text.</summary>
    public MessageId MessageId { get; private set; }

    /// <summary>Its state.</summary>
    public ReplyStatus Status { get; private set; }

    /// <summary>Why it ended; null while it is streaming.</summary>
    public FinishReason? FinishReason { get; private set; }

    /// <summary>How the model failed; null if it did not.</summary>
    public ModelFailure? Failure { get; private set; }

    /// <summary>The name of the model.</summary>
    public string Model { get; private set; }

    /// <summary>When it began.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it ended; null while it is streaming.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>The instance that streams it.</summary>
    public InstanceId Instance { get; private set; }

    /// <summary>A counter that the instance increases while it is alive.</summary>
    public long Lease { get; private set; }

    /// <summary>Whether the model is writing.</summary>
    public bool IsStreaming => Status == ReplyStatus.Streaming;

    /// <summary>How it ended, without the usage.</summary>
    /// <exception cref="InvalidOperationException">It is streaming.</exception>
    public ReplyEnd HowItEnded() => Status switch
    {
        ReplyStatus.Completed => ReplyEnd.Completed(isTruncated: FinishReason == Replies.FinishReason.Length),
        ReplyStatus.Failed => ReplyEnd.Failed(Failure ?? ModelFailure.Unavailable),
        ReplyStatus.Stopped => ReplyEnd.Stopped,
        ReplyStatus.Interrupted => ReplyEnd.Interrupted,
        _ => throw new InvalidOperationException("The reply is streaming."),
    };

    /// <summary>Begins a reply.</summary>
    /// <returns>The reply, or <see cref="SessionErrors.Archived"/>.</returns>
    public static Result<Reply> Begin(Session session, string model, InstanceId instance, DateTimeOffset now) =>
        session.ArchivedAt is null
            ? new Reply(session.OwnerId, session.Id, ReplyId.New(now), MessageId.New(now), model, instance, now)
            : SessionErrors.Archived;

    /// <summary>Ends the reply, and appends its text to its session.</summary>
    /// <param name="session">Its session.</param>
    /// <param name="text">The text so far; empty for none.</param>
    /// <param name="end">How it ends.</param>
    /// <param name="metadata">The metadata of the message.</param>
    /// <param name="now">The current time.</param>
    /// <returns>The message; null without text.</returns>
    /// <exception cref="InvalidOperationException">The reply has ended already.</exception>
    public Message? End(Session session, string text, ReplyEnd end, Metadata metadata, DateTimeOffset now)
    {
        if (!IsStreaming) throw new InvalidOperationException("The reply has ended.");
        if ((session.OwnerId, session.Id) != (OwnerId, SessionId)) throw new ArgumentException("Another session.", nameof(session));

        Status = end.Status;
        FinishReason = end.Reason;
        Failure = end.Failure;
        FinishedAt = now > CreatedAt ? now : CreatedAt;
        return text.Length == 0
            ? null
            : session.AppendReply(MessageContent.From(text), metadata, now, MessageId);
    }
}
