using System.ComponentModel.DataAnnotations;
using Orion.Domain.Sessions;

namespace Orion.Application.Search;

/// <summary>A message, or the title of a session, that contains the words.</summary>
/// <param name="Session">The session.</param>
/// <param name="Message">The message. Absent if the title contains the words.</param>
/// <param name="Snippet">The part of the text around the first match, at most 300 characters.</param>
/// <param name="Highlights">The matches in the snippet.</param>
public sealed record SearchResultView(
    SearchSessionView Session, SearchMessageView? Message, [property: MaxLength(Search.Snippet.MaxLength)] string Snippet, IReadOnlyList<Highlight> Highlights)
{
    internal static SearchResultView From(SearchCandidate candidate, Snippet snippet) => new(
        new SearchSessionView(
            candidate.Session.Id.Value, candidate.Session.DisplayTitle.Value, candidate.Session.UpdatedAt, candidate.Session.ArchivedAt),
        candidate.Message is { } message
            ? new SearchMessageView(message.Id.Value, message.Sequence, message.Role.ToName(), message.CreatedAt)
            : null,
        snippet.Text,
        snippet.Highlights);
}

/// <summary>The session of a result.</summary>
/// <param name="SessionId">The id of the session.</param>
/// <param name="Title">The title.</param>
/// <param name="UpdatedAt">When the session last changed.</param>
/// <param name="ArchivedAt">When the session was archived. Absent if it is not archived.</param>
public sealed record SearchSessionView(Guid SessionId, string Title, DateTimeOffset UpdatedAt, DateTimeOffset? ArchivedAt);

/// <summary>The message of a result.</summary>
/// <param name="Id">The id of the message.</param>
/// <param name="Sequence">The position in the session, starting at 1.</param>
/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
/// <param name="Timestamp">When the message was appended.</param>
public sealed record SearchMessageView(
    Guid Id, int Sequence, [property: AllowedValues(MessageRoles.User, MessageRoles.Assistant)] string Role, DateTimeOffset Timestamp);
