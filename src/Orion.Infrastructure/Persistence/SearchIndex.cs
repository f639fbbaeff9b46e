using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Search;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// Reads the search index period by period, from the newest on. Each step reads twice as many periods as the one before: a frequent word needs
/// one period, and a rare one few steps.
/// </summary>
internal abstract class SearchIndex(OrionDbContext context) : ISearchIndex
{
    // Texts can be large, so few of them are in memory at a time.
    private const int TextsAtOnce = 20;
    private const int BytesAtOnce = TextsAtOnce * MessageContent.MaxLength * 2 * sizeof(char);

    private const int MaxPeriods = 64;

    protected OrionDbContext Context { get; } = context;

    public async IAsyncEnumerable<(SearchPosition Position, SearchCandidate? Candidate)> Find(
        SearchList list, SearchQuery query, SearchPosition? after, int wanted, ByteReservation? memory, Caller caller,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (caller.Scope is { } only && only != list.Session) yield break;

        var tokens = query.Tokens();
        var newest = after is { } position ? SearchPeriod.Of(position.At).Weeks : int.MaxValue;
        var periods = await ReadPeriods(list, newest, caller, cancellationToken);
        for (int at = 0, count = 1; at < periods.Count; at += count, count = Math.Min(count * 2, MaxPeriods))
        {
            int[] step = [.. periods.Skip(at).Take(count)];
            var expression = Expression(tokens, step.Select(weeks => new SearchPeriod(weeks)).ToLookup(period => SearchTokens.Prefix(caller.Id, period), SearchTokens.OfPeriod));
            IReadOnlyList<SearchPosition> rows;
            do
            {
                rows = await ReadRows(list, expression, step, after, wanted, caller, cancellationToken);
                foreach (var some in rows.Chunk(memory?.TryGrowTo(BytesAtOnce) == false ? 1 : TextsAtOnce))
                {
                    var candidates = await ReadCandidates(list, some, caller, cancellationToken);
                    foreach (var row in some) yield return (row, candidates.GetValueOrDefault((row.Session, row.Sequence)));
                }

                if (rows.Count < wanted) break;
                after = rows[^1];
                // Each read finds and sorts all rows of the step, so there is no third one for a page.
                wanted = SearchMessages.MaxCandidates;
            }
            while (true);
        }
    }

    // With the order of the partial index: PostgreSQL expects most sessions to have different versions, and would read all of them.
    public async Task<bool> IsIncomplete(Caller caller, CancellationToken cancellationToken) =>
        await Context.Sessions
            .Where(session => session.OwnerId == caller.Id && EF.Property<long>(session, SessionMapping.IndexedVersion) != session.Version)
            .OrderBy(session => session.Id)
            .Select(session => true)
            .FirstOrDefaultAsync(cancellationToken);

    /// <summary>The periods in which the caller, or the session of the list, has texts: the newest first, from the given one on.</summary>
    protected abstract Task<IReadOnlyList<int>> ReadPeriods(SearchList list, int newest, Caller caller, CancellationToken cancellationToken);

    /// <summary>The expression for texts that have all tokens, and one of the tokens of periods with the same prefix.</summary>
    protected abstract string Expression(IReadOnlyList<(string Token, bool IsBeginning)> tokens, ILookup<string, string> periods);

    /// <summary>The first texts after a position, from the newest on.</summary>
    protected abstract Task<IReadOnlyList<SearchPosition>> ReadRows(
        SearchList list, string expression, int[] periods, SearchPosition? after, int limit, Caller caller, CancellationToken cancellationToken);

    /// <summary>The sessions with these ids that exist. Each needs one index lookup.</summary>
    protected abstract IQueryable<Session> SessionsOf(UserId owner, IReadOnlyList<SessionId> ids);

    private async Task<Dictionary<(SessionId Session, int Sequence), SearchCandidate>> ReadCandidates(
        SearchList list, IReadOnlyList<SearchPosition> rows, Caller caller, CancellationToken cancellationToken)
    {
        var sessions = await SessionsOf(caller.Id, [.. rows.Select(row => row.Session).Distinct()]).AsNoTracking()
            .ToDictionaryAsync(session => session.Id, cancellationToken);
        SearchPosition[] included = [.. rows.Where(row => sessions.TryGetValue(row.Session, out var session) && Includes(list.Archived, session))];
        var messages = included.Length == 0
            ? []
            : await Context.MessagesFrom(caller.Id, [.. included.Select(row => (row.Session, row.Sequence))]).AsNoTracking().ToListAsync(cancellationToken);
        var bySession = messages.ToLookup(message => message.SessionId);

        var candidates = new Dictionary<(SessionId Session, int Sequence), SearchCandidate>();
        foreach (var row in included)
        {
            var session = sessions[row.Session];
            if (row.Sequence == SearchDocument.Title)
            {
                var naming = bySession[row.Session].Where(message => message.Role == MessageRole.User).MinBy(message => message.Sequence);
                candidates.Add((row.Session, row.Sequence), new SearchCandidate(row, session, Message: null, naming?.Content));
            }
            else if (bySession[row.Session].FirstOrDefault(message => message.Sequence == row.Sequence) is { } message)
            {
                candidates.Add((row.Session, row.Sequence), new SearchCandidate(row, session, message, NamingMessage: null));
            }
        }

        return candidates;
    }

    private static bool Includes(ArchivedFilter archived, Session session) =>
        archived == ArchivedFilter.Any || session.ArchivedAt is null == (archived == ArchivedFilter.Exclude);
}
