namespace Orion.Application.Import.Legacy;

/// <summary>A text of the old service; one that is longer than anything Orion takes is not even fetched.</summary>
/// <param name="Value">The text; null where there is none, or where it is too long.</param>
/// <param name="IsTooLong">Whether it was too long to fetch.</param>
public readonly record struct LegacyText(string? Value, bool IsTooLong);

/// <summary>A row of <c>chat_sessions</c>.</summary>
/// <param name="Id">Its id there.</param>
/// <param name="User">Whose it is: an address in lower case.</param>
/// <param name="Title">Its title, or the beginning of one that is very long.</param>
/// <param name="FirstMessage">The first message, which may be nowhere else.</param>
/// <param name="Metadata">JSON.</param>
/// <param name="CreatedAt">When it was started; null where that is no time.</param>
/// <param name="UpdatedAt">When it last changed; null where that is no time.</param>
public sealed record LegacySession(
    string Id, string User, string? Title, LegacyText FirstMessage, LegacyText Metadata, DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt);

/// <summary>A row of <c>chat_messages</c>.</summary>
/// <param name="SessionId">Its session's id there.</param>
/// <param name="Id">Its id there; null where it has none, or one that is none.</param>
/// <param name="Role">Who said it.</param>
/// <param name="Content">What was said.</param>
/// <param name="Metadata">JSON.</param>
/// <param name="CreatedAt">When; null where that is no time.</param>
public sealed record LegacyMessage(string SessionId, string? Id, string? Role, LegacyText Content, LegacyText Metadata, DateTimeOffset? CreatedAt);

/// <summary>What there is in the old service's database.</summary>
/// <param name="Sessions">Sessions of the users that were asked for.</param>
/// <param name="Messages">Messages in these.</param>
/// <param name="Others">Everybody else, those with the most sessions first; not more than a thousand.</param>
/// <param name="MoreOthers">How many others there are beyond these.</param>
/// <param name="MessagesWithoutSession">Messages whose session there is not.</param>
/// <param name="SessionsWithoutId">Sessions of the users that were asked for whose id is missing or longer than 255 characters.</param>
public sealed record LegacyCounts(
    long Sessions, long Messages, IReadOnlyList<LegacyUser> Others, long MoreOthers, long MessagesWithoutSession, long SessionsWithoutId);

/// <summary>Somebody who was not asked for.</summary>
/// <param name="User">The user's id there, which may be anything, at most 255 characters; empty where there is none.</param>
/// <param name="Sessions">How many sessions.</param>
/// <param name="Messages">How many messages in these.</param>
public sealed record LegacyUser(string User, long Sessions, long Messages);
