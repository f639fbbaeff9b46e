using Orion.Domain.Users;

namespace Orion.Domain.Sessions;

/// <summary>
/// A chat session. It decides about its title, its archive and its messages; its version grows by one with every visible change
/// (once, however much changes before it is saved), and its <see cref="UpdatedAt"/> never goes back.
/// </summary>
public sealed partial class Session
{
    private bool _changed;

    // EF Core makes a stored session with this one.
    private Session(UserId ownerId, SessionId id, Metadata metadata, DateTimeOffset createdAt)
    {
        OwnerId = ownerId;
        Id = id;
        Metadata = metadata;
        CreatedAt = createdAt;
        UpdatedAt = createdAt;
        Version = 1;
        TokensValidFrom = DateTimeOffset.UnixEpoch;
    }

    /// <summary>Whose it is.</summary>
    public UserId OwnerId { get; private set; }

    /// <summary>Its id, unique within its owner.</summary>
    public SessionId Id { get; private set; }

    /// <summary>The title that was given or derived; null while nothing has named the session.</summary>
    public SessionTitle? Title { get; private set; }

    /// <summary>The beginning of message 1; empty without messages.</summary>
    public string FirstMessage { get; private set; } = "";

    /// <summary>The beginning of the newest message; empty without messages.</summary>
    public string LastMessage { get; private set; } = "";

    /// <summary>How many messages there are: the sequence of the newest.</summary>
    public int MessageCount { get; private set; }

    /// <summary>What the client keeps beside it.</summary>
    public Metadata Metadata { get; private set; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>When it was archived; null while it is not.</summary>
    public DateTimeOffset? ArchivedAt { get; private set; }

    /// <summary>How often it has changed, from 1 on: the concurrency token.</summary>
    public long Version { get; private set; }

    /// <summary>Session tokens issued before this whole second do not count: they ended when the session was archived.</summary>
    public DateTimeOffset TokensValidFrom { get; private set; }

    /// <summary>Whether a session token issued at that second counts.</summary>
    public bool Accepts(DateTimeOffset issuedAt) => ArchivedAt is null && issuedAt >= TokensValidFrom;

    /// <summary>The title as shown.</summary>
    public SessionTitle DisplayTitle => Title ?? SessionTitle.Default;

    /// <summary>Starts an empty session.</summary>
    /// <param name="ownerId">Whose it is.</param>
    /// <param name="title">The title, or null: then the first message of the user names it.</param>
    /// <param name="metadata">What the client keeps beside it.</param>
    /// <param name="now">The present instant.</param>
    public static Session Start(UserId ownerId, SessionTitle? title, Metadata metadata, DateTimeOffset now) =>
        new(ownerId, SessionId.New(now), metadata, now) { Title = title, _changed = true };

    /// <summary>A session that was stored before.</summary>
    public static Session From(
        UserId ownerId, SessionId id, SessionTitle? title, string firstMessage, string lastMessage, int messageCount, Metadata metadata,
        DateTimeOffset createdAt, DateTimeOffset updatedAt, DateTimeOffset? archivedAt, long version, DateTimeOffset tokensValidFrom) =>
        new(ownerId, id, metadata, createdAt)
        {
            Title = title,
            FirstMessage = firstMessage,
            LastMessage = lastMessage,
            MessageCount = messageCount,
            UpdatedAt = updatedAt,
            ArchivedAt = archivedAt,
            Version = version,
            TokensValidFrom = tokensValidFrom,
        };

    /// <summary>Gives the session another title.</summary>
    public void Rename(SessionTitle title, DateTimeOffset now)
    {
        if (title == Title) return;
        Title = title;
        Touch(now);
    }

    /// <summary>Replaces what the client keeps beside it.</summary>
    public void ReplaceMetadata(Metadata metadata, DateTimeOffset now)
    {
        if (metadata == Metadata) return;
        Metadata = metadata;
        Touch(now);
    }

    /// <summary>Archives the session: it takes no more messages, and its session tokens end for good.</summary>
    public void Archive(DateTimeOffset now)
    {
        if (ArchivedAt is not null) return;
        ArchivedAt = Touch(now);
        // By the clock and not by UpdatedAt, which may be ahead of it: tokens are dated by the clock.
        TokensValidFrom = TokenCutoff.After(TokensValidFrom, now);
    }

    /// <summary>Takes the session out of the archive.</summary>
    public void Restore(DateTimeOffset now)
    {
        if (ArchivedAt is null) return;
        ArchivedAt = null;
        if (TokensValidFrom > now) TokensValidFrom = TokenCutoff.After(TokensValidFrom, now);
        Touch(now);
    }

    /// <summary>Appends a message: the only way a message is born.</summary>
    /// <returns>The message, or <see cref="SessionErrors.Archived"/>.</returns>
    public Result<Message> Append(MessageRole role, MessageContent content, Metadata metadata, DateTimeOffset now)
    {
        if (ArchivedAt is not null) return SessionErrors.Archived;

        var at = Touch(now);
        MessageCount++;
        if (MessageCount == 1) FirstMessage = content.Preview;
        LastMessage = content.Preview;
        if (role == MessageRole.User) Title ??= SessionTitle.Derive(content);
        return new Message(OwnerId, Id, MessageCount, MessageId.New(at), role, content, metadata, at);
    }

    private DateTimeOffset Touch(DateTimeOffset now)
    {
        if (!_changed)
        {
            _changed = true;
            Version++;
        }

        if (now > UpdatedAt) UpdatedAt = now;
        return UpdatedAt;
    }
}
