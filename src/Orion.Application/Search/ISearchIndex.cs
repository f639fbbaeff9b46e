using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Application.Search;

/// <summary>What a search is for. Two pages with equal values are pages of one search.</summary>
/// <param name="Query">The words.</param>
/// <param name="Archived">The sessions to search.</param>
/// <param name="Session">The only session to search; null for all.</param>
public sealed record SearchList(string Query, ArchivedFilter Archived, SessionId? Session);

/// <summary>The position of a text in the results of a search, which are ordered from the newest to the oldest.</summary>
/// <param name="At">The time of the message; of a title, that of its session.</param>
/// <param name="Session">Its session.</param>
/// <param name="Sequence">The sequence of the message; 0 for the title.</param>
public readonly record struct SearchPosition(DateTimeOffset At, SessionId Session, int Sequence);

/// <summary>A text that has the tokens of the query. Only the text itself shows whether it matches.</summary>
/// <param name="Position">Its position.</param>
/// <param name="Session">Its session.</param>
/// <param name="Message">The message; null for a title.</param>
/// <param name="NamingMessage">For a title, the first user message of its session; otherwise null.</param>
public sealed record SearchCandidate(SearchPosition Position, Session Session, Message? Message, MessageContent? NamingMessage);

/// <summary>The index of one caller's messages and titles. No method can find the texts of another owner.</summary>
public interface ISearchIndex
{
    /// <summary>
    /// The texts that have the tokens, from the newest to the oldest. They are read in batches while they are enumerated. A text that was
    /// deleted in the meantime, and one of a session that the filter excludes, has a position only.
    /// </summary>
    /// <param name="list">The filter.</param>
    /// <param name="query">The words.</param>
    /// <param name="after">The position after which they begin; null for the newest.</param>
    /// <param name="wanted">The probable number of texts that will be enumerated.</param>
    /// <param name="memory">Reserves the memory for a batch; null for no reservation. If the memory is in use, a batch is one text.</param>
    /// <param name="caller">The owner.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    IAsyncEnumerable<(SearchPosition Position, SearchCandidate? Candidate)> Find(
        SearchList list, SearchQuery query, SearchPosition? after, int wanted, ByteReservation? memory, Caller caller, CancellationToken cancellationToken);

    /// <summary>Whether some of the caller's texts are not in the index yet.</summary>
    Task<bool> IsIncomplete(Caller caller, CancellationToken cancellationToken);
}
