using Microsoft.EntityFrameworkCore;
using Orion.Application.Search;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

/// <summary>A text to write into the search index, in the transaction that writes the text itself.</summary>
/// <param name="Owner">The owner.</param>
/// <param name="Session">The session.</param>
/// <param name="Sequence">The sequence of the message, or <see cref="SearchDocument.Title"/>.</param>
/// <param name="CreatedAt">The time of the message; of a title, that of its session.</param>
/// <param name="Text">The text.</param>
internal sealed record SearchText(UserId Owner, SessionId Session, int Sequence, DateTimeOffset CreatedAt, string Text)
{
    internal int Period => SearchPeriod.Of(CreatedAt).Weeks;

    internal bool IsTitle => Sequence == SearchDocument.Title;

    internal string Tokens() => SearchTokens.Of(Text, Owner, CreatedAt);

    internal static SearchText Of(Message message) =>
        new(message.OwnerId, message.SessionId, message.Sequence, message.CreatedAt, message.Content.Value);

    internal static SearchText Of(Session session, SessionTitle title) =>
        new(session.OwnerId, session.Id, SearchDocument.Title, session.CreatedAt, title.Value);

    /// <summary>
    /// The texts of what a command writes. The unit of work derives them from the same list as the audit log, so that no command can omit them.
    /// </summary>
    internal static IReadOnlyList<SearchText> Of(IReadOnlyList<RowChange> changes)
    {
        var texts = new List<SearchText>();
        foreach (var change in changes)
        {
            switch (change.Row)
            {
                case Message message when change.State == EntityState.Added:
                    texts.Add(Of(message));
                    break;
                case Session { Title: { } title } session when change is { SetsTitle: true, State: not EntityState.Deleted } && !IsDerived(session, changes):
                    texts.Add(Of(session, title));
                    break;
            }
        }

        return texts;
    }

    // Search does not return such a title, so it is not indexed.
    private static bool IsDerived(Session session, IReadOnlyList<RowChange> changes) => changes.Any(change =>
        change.Row is Message { Role: MessageRole.User } message && message.SessionId == session.Id && SessionTitle.Derive(message.Content) == session.Title);
}
