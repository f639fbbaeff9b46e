using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Application.Retention;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// The caller's rows. The context is lazy, because lists and creates on PostgreSQL do not need one, and leasing it from the pool takes time.
/// </summary>
internal sealed class SessionRepository(Lazy<OrionDbContext> context, ISessionPages pages, ISessionWrites writes) : ISessions
{
    private OrionDbContext Context => context.Value;

    public Task<Session?> Find(SessionId id, Caller caller, CancellationToken cancellationToken) =>
        Context.Sessions.Of(caller).AsNoTracking().SingleOrDefaultAsync(session => session.Id == id, cancellationToken);

    public async Task<Session?> FindForUpdate(SessionId id, Caller caller, CancellationToken cancellationToken) =>
        caller.Scope is { } only && only != id ? null : await writes.Lock(caller.Id, id, cancellationToken);

    public async Task<IReadOnlyList<Session>> FindAll(IReadOnlyList<SessionId> ids, Caller caller, CancellationToken cancellationToken) =>
        await Context.Sessions.Of(caller).AsNoTracking().Where(session => ids.Contains(session.Id)).ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<Session>> FindAllForUpdate(IReadOnlyList<SessionId> ids, Caller caller, CancellationToken cancellationToken)
    {
        var open = caller.Scope is { } only ? ids.Where(id => id == only) : ids;
        return await writes.LockAll(caller.Id, [.. open], cancellationToken);
    }

    public async Task<IReadOnlyList<Session>> FindDueForUpdate(
        RetentionCutoff cutoff, int limit, Caller caller, CancellationToken cancellationToken)
    {
        await Context.EnsureTransaction(cancellationToken);
        var due = new List<Session>();
        await Lock(Context.LockedExpired(caller.Id, cutoff.ExpiredAt, limit));
        if (cutoff.UnchangedSince is null) return due;
        foreach (var archived in (bool[])[false, true])
        {
            if (due.Count < limit) await Lock(Context.LockedUnchanged(caller.Id, archived, cutoff, limit - due.Count));
        }

        return due;

        // With a scope, only the session in scope.
        async Task Lock(IQueryable<Session> sessions) =>
            due.AddRange((await sessions.AsNoTracking().ToListAsync(cancellationToken)).Where(row => caller.Scope is not { } only || row.Id == only));
    }

    public async Task<DueSessions> CountDue(RetentionCutoff cutoff, Caller caller, CancellationToken cancellationToken)
    {
        var own = Context.Sessions.Of(caller);
        var expired = await Count(own.Where(session => session.ExpiresAt <= cutoff.ExpiredAt));
        if (cutoff.UnchangedSince is not { } since) return new DueSessions(expired.Sessions, 0, expired.Messages);

        var unchanged = own.Where(session => session.UpdatedAt < since && (session.ExpiresAt == null || session.ExpiresAt > cutoff.ExpiredAt));
        // Separately, because each has an index.
        var current = await Count(unchanged.Where(session => session.ArchivedAt == null));
        var archived = await Count(unchanged.Where(session => session.ArchivedAt != null));
        return new DueSessions(
            expired.Sessions, current.Sessions + archived.Sessions, expired.Messages + current.Messages + archived.Messages);

        async Task<(int Sessions, long Messages)> Count(IQueryable<Session> sessions)
        {
            var count = await sessions.GroupBy(_ => 1)
                .Select(all => new { Sessions = all.Count(), Messages = all.Sum(session => (long)session.MessageCount) })
                .SingleOrDefaultAsync(cancellationToken);
            return count is null ? (0, 0) : (count.Sessions, count.Messages);
        }
    }

    public Task<Page<Session>> List(SessionList list, PageRequest<SessionPosition> page, Caller caller, CancellationToken cancellationToken) =>
        pages.Read(list, page, caller, cancellationToken);

    public void Add(Session session, Caller caller) => writes.Add(Owned(session, session.OwnerId == caller.Id));

    public void Remove(Session session, Caller caller) => writes.Remove(Owned(session, session.OwnerId == caller.Id));

    public Task<Message?> FindMessage(SessionId session, MessageId id, Caller caller, CancellationToken cancellationToken) =>
        Context.Messages.Of(caller, session).AsNoTracking().SingleOrDefaultAsync(message => message.Id == id, cancellationToken);

    public Task<Message?> FindMessage(SessionId session, int sequence, Caller caller, CancellationToken cancellationToken) =>
        Context.Messages.Of(caller, session).AsNoTracking().SingleOrDefaultAsync(message => message.Sequence == sequence, cancellationToken);

    // Both databases know the lengths without reading the texts.
    public Task<long> MeasureMessages(SessionId session, int throughSequence, Caller caller, CancellationToken cancellationToken) =>
        caller.Scope is { } only && only != session
            ? Task.FromResult(0L)
            : Context.Database.SqlQuery<long>(
                $"""
                SELECT coalesce(sum(octet_length(content) + octet_length(metadata)), 0) AS "Value" FROM messages
                WHERE owner_id = {caller.Id.Value} AND session_id = {session.Value} AND sequence <= {throughSequence}
                """).SingleAsync(cancellationToken);

    public Task AddCopies(SessionId original, Session fork, IReadOnlyList<MessageId> ids, Caller caller, CancellationToken cancellationToken) =>
        writes.Add(new MessageCopies(original, Owned(fork, fork.OwnerId == caller.Id && caller.Scope is null), ids), cancellationToken);

    public async Task<IReadOnlyDictionary<(SessionId Session, MessageId Id), Message>> FindMessages(
        IReadOnlyList<(SessionId Session, MessageId Id)> messages, Caller caller, CancellationToken cancellationToken)
    {
        if (messages.Count == 0) return new Dictionary<(SessionId, MessageId), Message>();
        var open = caller.Scope is { } only ? messages.Where(message => message.Session == only) : messages;
        var found = await Context.MessagesOf(caller.Id, [.. open]).AsNoTracking().ToListAsync(cancellationToken);
        return found.ToDictionary(message => (message.SessionId, message.Id));
    }

    public async Task<Page<Message>?> ListMessages(
        MessageList list, PageRequest<int> page, Caller caller, CancellationToken cancellationToken)
    {
        var read = await PageReader.Read<Message>(
            page.Limit,
            page.MaxBytes,
            page.Memory,
            (last, count) => Context.Messages.Page(list, last?.Sequence ?? page.After, count, caller).AsNoTracking().AsAsyncEnumerable(),
            MessageView.SizeOf,
            cancellationToken);

        // A message proves that its session exists. If the page ended with an empty batch, the session may have been deleted since the
        // batch before, and a part of its messages must not be returned as all of them.
        var endsWithEmptyBatch = read.End == PageEnd.Complete && read.Items.Count % PageReader.BatchSize == 0;
        var exists = !endsWithEmptyBatch || await Context.Sessions.Of(caller).AnyAsync(session => session.Id == list.Session, cancellationToken);
        return exists ? read : null;
    }

    public void Add(Message message, Caller caller) => writes.Add(Owned(message, message.OwnerId == caller.Id));

    private static T Owned<T>(T row, bool isOwn) => isOwn ? row : throw new InvalidOperationException("A caller can only write its own rows.");
}
