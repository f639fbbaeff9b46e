using Orion.Domain.Users;

namespace Orion.Domain.Sessions;

/// <summary>A message of a session. It never changes. Only <see cref="Session"/> creates messages.</summary>
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

    /// <summary>Its owner.</summary>
    public UserId OwnerId { get; private set; }

    /// <summary>Its session.</summary>
    public SessionId SessionId { get; private set; }

    /// <summary>Its position in the session: 1, 2, 3 … without gaps.</summary>
    public int Sequence { get; private set; }

    /// <summary>Its id, unique within the session.</summary>
    public MessageId Id { get; private set; }

    /// <summary>The author.</summary>
    public MessageRole Role { get; private set; }

    /// <summary>The text.</summary>
    public MessageContent Content { get; private set; }

    /// <summary>The client's own data.</summary>
    public Metadata Metadata { get; private set; }

    /// <summary>When it was appended. Never earlier than the previous message.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Whether it is identical to an imported message.</summary>
    public bool IsSameAs(ImportedMessage source) => HasSameText(source) && source.Metadata == Metadata && source.CreatedAt == CreatedAt;

    /// <summary>Whether it has the ID, role and text of an imported message.</summary>
    public bool HasSameText(ImportedMessage source) => (source.Id, source.Role) == (Id, Role) && source.Content == Content;
}
