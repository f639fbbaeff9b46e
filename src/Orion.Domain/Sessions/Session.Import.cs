using Orion.Domain.Users;

namespace Orion.Domain.Sessions;

/// <content>Import: sessions and messages that were created elsewhere keep their ids, times and versions.</content>
public sealed partial class Session
{
    /// <summary>
    /// Imports a session without its messages, which follow one by one. Session tokens minted before now are rejected: if the session
    /// existed here and was deleted, they were revoked with it.
    /// </summary>
    public static Session Import(UserId ownerId, ImportedSession source, DateTimeOffset now) => new(ownerId, source.Id, source.Metadata, source.CreatedAt)
    {
        Title = source.Title,
        UpdatedAt = source.UpdatedAt,
        ArchivedAt = source.ArchivedAt,
        ExpiresAt = source.ExpiresAt,
        Version = source.Version,
        TokensValidFrom = now.NextSecond(),
    };

    /// <summary>
    /// Whether an interrupted import can continue: this session is the imported one, and has not been changed here since.
    /// </summary>
    public bool CanContinueImport(ImportedSession source) =>
        (source.CreatedAt, source.UpdatedAt, source.Version) == (CreatedAt, UpdatedAt, Version)
        && source.Title == Title && source.Metadata == Metadata && source.MessageCount >= MessageCount;

    /// <summary>
    /// Imports the message with this sequence, even into an archived session. The session keeps its imported version and times.
    /// </summary>
    /// <returns>The message; null if the session already has it.</returns>
    /// <exception cref="InvalidOperationException">A previous message is missing.</exception>
    public Message? ImportMessage(int sequence, ImportedMessage source)
    {
        if (sequence <= MessageCount) return null;
        if (sequence != MessageCount + 1) throw new InvalidOperationException("Messages must be imported in order.");
        return AddImported(source);
    }

    /// <summary>
    /// Imports the next message of a session whose source has no versions. Each message counts as one change, whatever the size of a
    /// batch, so that an interrupted import gives the same version as an uninterrupted one.
    /// </summary>
    /// <param name="session">The session in the source. Its title is used if this session has none.</param>
    /// <param name="source">The message.</param>
    public Message ImportNextMessage(ImportedSession session, ImportedMessage source)
    {
        Version++;
        if (session.UpdatedAt > UpdatedAt) UpdatedAt = session.UpdatedAt;
        if (source.CreatedAt > UpdatedAt) UpdatedAt = source.CreatedAt;
        Title ??= session.Title;
        if (source.Role == MessageRole.User) Title ??= SessionTitle.Derive(source.Content);
        return AddImported(source);
    }

    private Message AddImported(ImportedMessage source)
    {
        MessageCount++;
        if (MessageCount == 1) FirstMessage = source.Content.Preview;
        LastMessage = source.Content.Preview;
        return new Message(OwnerId, Id, MessageCount, source.Id, source.Role, source.Content, source.Metadata, source.CreatedAt);
    }
}

/// <summary>A session to import from an archive or from another service, without its messages.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="Title">The title; null if the source has none.</param>
/// <param name="Metadata">The client's own data.</param>
/// <param name="MessageCount">The number of messages in the source.</param>
/// <param name="CreatedAt">When the session was created.</param>
/// <param name="UpdatedAt">When the session last changed.</param>
/// <param name="ArchivedAt">When the session was archived; null if it is not archived.</param>
/// <param name="Version">The number of changes in the source.</param>
/// <param name="ExpiresAt">When the session expires; null if it does not.</param>
public sealed record ImportedSession(
    SessionId Id,
    SessionTitle? Title,
    Metadata Metadata,
    int MessageCount,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? ArchivedAt,
    long Version,
    DateTimeOffset? ExpiresAt = null);

/// <summary>A message to import.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="Role">The author.</param>
/// <param name="Content">The text.</param>
/// <param name="Metadata">The client's own data.</param>
/// <param name="CreatedAt">When the message was appended in the source.</param>
public sealed record ImportedMessage(MessageId Id, MessageRole Role, MessageContent Content, Metadata Metadata, DateTimeOffset CreatedAt);
