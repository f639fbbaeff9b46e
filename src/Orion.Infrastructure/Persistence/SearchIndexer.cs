using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Domain.Sessions;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// Adds what is missing to the search index, in transactions that are so short that other writes hardly wait for them. A session is locked
/// meanwhile, and its row itself tells whether it is complete: several instances share the work, and a restart continues it.
/// </summary>
internal sealed partial class SearchIndexer(
    IServiceScopeFactory scopes, IDatabaseHealth database, TimeProvider clock, ILogger<SearchIndexer> logger, SqliteWriteLock? sqliteWrites = null)
{
    private const int SessionsOfBatch = 20;

    // Less than the timeout of a request.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(20);

    /// <summary>Indexes some of the sessions that are not complete, except those that others have locked.</summary>
    /// <param name="excluded">Sessions that are left out.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    internal Task<SearchBatch> IndexSome(IReadOnlyCollection<SessionId> excluded, CancellationToken cancellationToken) =>
        Index(context => context.LockSessionsToIndex(excluded, SessionsOfBatch), cancellationToken);

    /// <summary>
    /// Indexes a session. Returns when it is complete, at the latest after 20 s; the work then goes on. If it fails, the
    /// backfill continues it.
    /// </summary>
    internal async Task Complete(Session session)
    {
        try
        {
            // SQLite works synchronously, so the wait ends on time only beside it. The caller has committed, so nothing cancels the work.
            await Task.Run(() => IndexAll(session)).WaitAsync(MaxWait, clock);
        }
        catch (TimeoutException)
        {
            // Searches say that it is incomplete.
        }
    }

    private async Task IndexAll(Session session)
    {
        try
        {
            SearchBatch batch;
            do
            {
                batch = await Index(
                    context => context.Sessions.Where(row => row.OwnerId == session.OwnerId && row.Id == session.Id), CancellationToken.None);
            }
            while (batch.IsFull && batch.Failed is null);
        }
        catch (Exception exception)
        {
            LogNotIndexed(session.Id, database.Explain(exception));
        }
    }

    private async Task<SearchBatch> Index(Func<OrionDbContext, IQueryable<Session>> locked, CancellationToken cancellationToken)
    {
        using var writeLock = sqliteWrites is null ? null : await sqliteWrites.Acquire(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<OrionDbContext>();
        await context.EnsureTransaction(cancellationToken);
        var sessions = await locked(context).AsNoTracking().ToListAsync(cancellationToken);
        var batch = new SearchBatch { Sessions = sessions.Count };
        foreach (var session in sessions)
        {
            try
            {
                await Index(context, session, batch, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The others are rolled back with it, and indexed by the next batch.
                LogNotIndexed(session.Id, database.Explain(exception));
                return new SearchBatch { Sessions = sessions.Count, Failed = session.Id };
            }

            if (batch.IsFull) break;
        }

        await context.Database.CurrentTransaction!.CommitAsync(cancellationToken);
        return batch;
    }

    // Indexes the messages that are not in the index, and the title.
    private static async Task Index(OrionDbContext context, Session session, SearchBatch batch, CancellationToken cancellationToken)
    {
        var messages = context.Messages.AsNoTracking().Where(message => message.OwnerId == session.OwnerId && message.SessionId == session.Id);
        var missing = messages
            .Where(message => !context.SearchDocuments.Any(document =>
                document.OwnerId == message.OwnerId && document.SessionId == message.SessionId && document.Sequence == message.Sequence))
            .OrderBy(message => message.Sequence)
            .Take(SearchBatch.MaxMessages);
        var texts = new List<SearchText>();
        await foreach (var message in missing.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            texts.Add(SearchText.Of(message));
            batch.Add(message);
            if (batch.IsFull) break;
        }

        if (!batch.IsFull && session.Title is { } title)
        {
            var naming = await messages.Where(message => message.Role == MessageRole.User).OrderBy(message => message.Sequence).FirstOrDefaultAsync(cancellationToken);
            if (naming is null || SessionTitle.Derive(naming.Content) != title) texts.Add(SearchText.Of(session, title));
        }

        await context.WriteSearchTexts(texts, cancellationToken);
        if (batch.IsFull) return;
        await context.Sessions.Where(row => row.OwnerId == session.OwnerId && row.Id == session.Id).ExecuteUpdateAsync(
            row => row.SetProperty(one => EF.Property<long>(one, SessionMapping.IndexedVersion), one => one.Version), cancellationToken);
    }

    [LoggerMessage(6004, LogLevel.Warning, "Session {SessionId} could not be added to the search index. {Reason} Orion retries later.")]
    private partial void LogNotIndexed(SessionId sessionId, string reason);
}

/// <summary>What one transaction adds to the search index.</summary>
internal sealed class SearchBatch
{
    /// <summary>The largest number of messages.</summary>
    internal const int MaxMessages = 100;

    // A batch ends after the text with which it has so many UTF-16 code units. Analyzing and writing them takes about 50 ms.
    private const int MaxLength = 250_000;

    private int _length;

    /// <summary>The number of sessions that were locked.</summary>
    internal required int Sessions { get; init; }

    /// <summary>The session because of which nothing was added; null if there is none.</summary>
    internal SessionId? Failed { get; init; }

    /// <summary>The number of messages that were added.</summary>
    internal int Messages { get; private set; }

    /// <summary>Whether the batch ended before its last session was complete.</summary>
    internal bool IsFull => Messages == MaxMessages || _length >= MaxLength;

    internal void Add(Message message)
    {
        Messages++;
        _length += message.Content.Value.Length;
    }
}
