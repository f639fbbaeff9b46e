namespace Orion.Domain.Sessions;

/// <summary>A session as it was elsewhere, in an export or another service, without its messages.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">Its title; null where nothing had named it.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
/// <param name="MessageCount">How many messages it had there.</param>
/// <param name="CreatedAt">When it was started.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="ArchivedAt">When it was archived; null while it was not.</param>
/// <param name="Version">How often it had changed.</param>
public sealed record ImportedSession(
    SessionId Id,
    SessionTitle? Title,
    Metadata Metadata,
    int MessageCount,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? ArchivedAt,
    long Version);

/// <summary>A message as it was elsewhere.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Role">Who said it.</param>
/// <param name="Content">What was said.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
/// <param name="CreatedAt">When it was appended there.</param>
public sealed record ImportedMessage(MessageId Id, MessageRole Role, MessageContent Content, Metadata Metadata, DateTimeOffset CreatedAt);
