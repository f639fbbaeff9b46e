namespace Orion.Domain.Sessions;

/// <summary>A session to import from an archive or from another service, without its messages.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="Title">The title; null if the source has none.</param>
/// <param name="Metadata">The client's own data.</param>
/// <param name="MessageCount">The number of messages in the source.</param>
/// <param name="CreatedAt">When the session was created.</param>
/// <param name="UpdatedAt">When the session last changed.</param>
/// <param name="ArchivedAt">When the session was archived; null if it is not archived.</param>
/// <param name="Version">The number of changes in the source.</param>
public sealed record ImportedSession(
    SessionId Id,
    SessionTitle? Title,
    Metadata Metadata,
    int MessageCount,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? ArchivedAt,
    long Version);

/// <summary>A message to import.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="Role">The author.</param>
/// <param name="Content">The text.</param>
/// <param name="Metadata">The client's own data.</param>
/// <param name="CreatedAt">When the message was appended in the source.</param>
public sealed record ImportedMessage(MessageId Id, MessageRole Role, MessageContent Content, Metadata Metadata, DateTimeOffset CreatedAt);
