using Orion.Domain.Users;

namespace Orion.Domain.Sessions;

/// <summary>
/// A chat session. It enforces the rules for its title, its archiving and its messages. Its version increases by one for each saved change,
/// and its <see cref="UpdatedAt"/> never decreases.
/// </summary>
public sealed partial class Session
{
    private bool _changed;

    // EF Core uses this constructor.
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

    /// <summary>Its owner.</summary>
    public UserId OwnerId { get; private set; }

    /// <summary>Its id, unique within its owner.</summary>
    public SessionId Id { get; private set; }

    /// <summary>The given or derived title; null until the session has one.</summary>
    public SessionTitle? Title { get; private set; }

    /// <summary>The beginning of its first message; empty without messages.</summary>
    public string FirstMessage { get; private set; } = "";

    /// <summary>The beginning of its last message; empty without messages.</summary>
    public string LastMessage { get; private set; } = "";

    /// <summary>The number of messages, which is the sequence of the last one.</summary>
    public int MessageCount { get; private set; }

    /// <summary>The client's own data.</summary>
    public Metadata Metadata { get; private set; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>When it was archived; null if it is not archived.</summary>
    public DateTimeOffset? ArchivedAt { get; private set; }

    /// <summary>When it expires and is deleted; null if it does not.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>The number of changes, starting at 1. It is the concurrency token.</summary>
    public long Version { get; private set; }

    /// <summary>Session tokens issued before this second are rejected. Archiving revokes all earlier tokens.</summary>
    public DateTimeOffset TokensValidFrom { get; private set; }

    /// <summary>Whether a session token that was issued at this second is accepted.</summary>
    public bool Accepts(DateTimeOffset issuedAt) => ArchivedAt is null && issuedAt >= TokensValidFrom;

    /// <summary>The title that clients see.</summary>
    public SessionTitle DisplayTitle => Title ?? SessionTitle.Default;

    /// <summary>Starts an empty session.</summary>
    /// <param name="ownerId">Its owner.</param>
    /// <param name="title">The title; null to derive it from the user's first message.</param>
    /// <param name="metadata">The client's own data.</param>
    /// <param name="now">The current time.</param>
    /// <param name="expiry">When it expires; null for never.</param>
    public static Session Start(UserId ownerId, SessionTitle? title, Metadata metadata, DateTimeOffset now, SessionExpiry? expiry = null) =>
        new(ownerId, SessionId.New(now), metadata, now) { Title = title, ExpiresAt = expiry?.At, _changed = true };

    /// <summary>Restores a stored session.</summary>
    public static Session From(
        UserId ownerId, SessionId id, SessionTitle? title, string firstMessage, string lastMessage, int messageCount, Metadata metadata,
        DateTimeOffset createdAt, DateTimeOffset updatedAt, DateTimeOffset? archivedAt, long version, DateTimeOffset tokensValidFrom,
        DateTimeOffset? expiresAt) =>
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
            ExpiresAt = expiresAt,
        };

    /// <summary>Changes the title.</summary>
    public void Rename(SessionTitle title, DateTimeOffset now)
    {
        if (title == Title) return;
        Title = title;
        Touch(now);
    }

    /// <summary>Replaces the metadata.</summary>
    public void ReplaceMetadata(Metadata metadata, DateTimeOffset now)
    {
        if (metadata == Metadata) return;
        Metadata = metadata;
        Touch(now);
    }

    /// <summary>Sets when the session expires. Archiving and appending do not change it.</summary>
    public void Expire(SessionExpiry expiry, DateTimeOffset now)
    {
        if (expiry.At == ExpiresAt) return;
        ExpiresAt = expiry.At;
        Touch(now);
    }

    /// <summary>Archives the session: it accepts no more messages, and all its session tokens are revoked.</summary>
    public void Archive(DateTimeOffset now)
    {
        if (ArchivedAt is not null) return;
        ArchivedAt = Touch(now);
        // Tokens are dated by the clock. UpdatedAt can be ahead of it.
        TokensValidFrom = TokenCutoff.After(TokensValidFrom, now);
    }

    /// <summary>Restores an archived session.</summary>
    public void Restore(DateTimeOffset now)
    {
        if (ArchivedAt is null) return;
        ArchivedAt = null;
        if (TokensValidFrom > now) TokensValidFrom = TokenCutoff.After(TokensValidFrom, now);
        Touch(now);
    }

    /// <summary>Appends a message.</summary>
    /// <returns>The message, or <see cref="SessionErrors.Archived"/>.</returns>
    public Result<Message> Append(MessageRole role, MessageContent content, Metadata metadata, DateTimeOffset now) =>
        ArchivedAt is null ? AddMessage(role, content, metadata, now) : SessionErrors.Archived;

    // Even to an archived session: a version without replies may have archived it while the model was writing.
    internal Message AppendReply(MessageContent content, Metadata metadata, DateTimeOffset now, MessageId id) =>
        AddMessage(MessageRole.Assistant, content, metadata, now, id);

    private Message AddMessage(MessageRole role, MessageContent content, Metadata metadata, DateTimeOffset now, MessageId? id = null)
    {
        var at = Touch(now);
        MessageCount++;
        if (MessageCount == 1) FirstMessage = content.Preview;
        LastMessage = content.Preview;
        if (role == MessageRole.User) Title ??= SessionTitle.Derive(content);
        return new Message(OwnerId, Id, MessageCount, id ?? MessageId.New(at), role, content, metadata, at);
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
