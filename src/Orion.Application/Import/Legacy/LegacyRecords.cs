namespace Orion.Application.Import.Legacy;

/// <summary>A legacy text. One that is longer than Orion accepts is not read.</summary>
/// <param name="Value">The text; null if it is missing or too long.</param>
/// <param name="IsTooLong">Whether the text is too long.</param>
public readonly record struct LegacyText(string? Value, bool IsTooLong);

/// <summary>A row of <c>chat_sessions</c>.</summary>
/// <param name="Id">The legacy id.</param>
/// <param name="User">The owner's e-mail address in lower case.</param>
/// <param name="Title">The title, or the beginning of a very long one.</param>
/// <param name="FirstMessage">The first message, which may not have its own row.</param>
/// <param name="Metadata">JSON.</param>
/// <param name="CreatedAt">When the session was created; null if it is not a valid time.</param>
/// <param name="UpdatedAt">When the session last changed; null if it is not a valid time.</param>
public sealed record LegacySession(
    string Id, string User, string? Title, LegacyText FirstMessage, LegacyText Metadata, DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt);

/// <summary>A row of <c>chat_messages</c>.</summary>
/// <param name="SessionId">The legacy id of the session.</param>
/// <param name="Id">The legacy id; null if it is missing or too long.</param>
/// <param name="Role">The author.</param>
/// <param name="Content">The text.</param>
/// <param name="Metadata">JSON.</param>
/// <param name="CreatedAt">When the message was sent; null if it is not a valid time.</param>
public sealed record LegacyMessage(string SessionId, string? Id, string? Role, LegacyText Content, LegacyText Metadata, DateTimeOffset? CreatedAt);

/// <summary>The contents of the legacy database.</summary>
/// <param name="Sessions">Sessions of the requested users.</param>
/// <param name="Messages">Messages in these sessions.</param>
/// <param name="Others">Other users, those with the most sessions first, at most a thousand.</param>
/// <param name="MoreOthers">The number of further other users.</param>
/// <param name="MessagesWithoutSession">Messages whose session does not exist.</param>
/// <param name="SessionsWithoutId">Sessions of the requested users whose id is missing or longer than 255 characters.</param>
public sealed record LegacyCounts(
    long Sessions, long Messages, IReadOnlyList<LegacyUser> Others, long MoreOthers, long MessagesWithoutSession, long SessionsWithoutId);

/// <summary>A user whose sessions were not requested.</summary>
/// <param name="User">The legacy user id, any text of at most 255 characters; empty if it is missing.</param>
/// <param name="Sessions">The number of sessions.</param>
/// <param name="Messages">The number of messages in them.</param>
public sealed record LegacyUser(string User, long Sessions, long Messages);
