using Orion.Domain.Users;

namespace Orion.Domain.Sessions;

/// <summary>One message of a session. Only <see cref="Session.Append"/> makes one; it never changes.</summary>
public sealed class Message
{
    internal Message(
        UserId ownerId, SessionId sessionId, int sequence, MessageId id, MessageRole role, MessageContent content, Metadata metadata, DateTimeOffset createdAt)
    {
        OwnerId = ownerId;
        SessionId = sessionId;
        Sequence = sequence;
        Id = id;
        Role = role;
        Content = content;
        Metadata = metadata;
        CreatedAt = createdAt;
    }

    /// <summary>Whose it is.</summary>
    public UserId OwnerId { get; private set; }

    /// <summary>The session it belongs to.</summary>
    public SessionId SessionId { get; private set; }

    /// <summary>Its place in the session: 1, 2, 3 … without gaps.</summary>
    public int Sequence { get; private set; }

    /// <summary>Its id, unique within the session.</summary>
    public MessageId Id { get; private set; }

    /// <summary>Who said it.</summary>
    public MessageRole Role { get; private set; }

    /// <summary>What was said.</summary>
    public MessageContent Content { get; private set; }

    /// <summary>What the client keeps beside it.</summary>
    public Metadata Metadata { get; private set; }

    /// <summary>When it was appended; never before the message in front of it.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Whether it is this message of elsewhere, with all that it had there.</summary>
    public bool Is(ImportedMessage origin) => SaysWhat(origin) && origin.Metadata == Metadata && origin.CreatedAt == CreatedAt;

    /// <summary>Whether it has this message's id, and says the same.</summary>
    public bool SaysWhat(ImportedMessage origin) => (origin.Id, origin.Role) == (Id, Role) && origin.Content == Content;
}
