using Microsoft.EntityFrameworkCore;
using Orion.Application.Requests;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence.Sessions;

internal sealed class StoredSessions(OrionDbContext context) : ISessions
{
    public Task<Session?> Find(SessionId id, Caller caller, CancellationToken cancellationToken) =>
        context.Sessions.Of(caller).AsNoTracking().SingleOrDefaultAsync(session => session.Id == id, cancellationToken);

    public async Task<Session?> FindForChange(SessionId id, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Scope is { } only && only != id) return null;

        await context.BeginToChange(cancellationToken);
        return await context.LockedSession(caller.Id, id).SingleOrDefaultAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Session>> FindAll(IReadOnlyList<SessionId> ids, Caller caller, CancellationToken cancellationToken) =>
        await context.Sessions.Of(caller).AsNoTracking().Where(session => ids.Contains(session.Id)).ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<Session>> FindAllForChange(IReadOnlyList<SessionId> ids, Caller caller, CancellationToken cancellationToken)
    {
        await context.BeginToChange(cancellationToken);
        var open = caller.Scope is { } only ? ids.Where(id => id == only) : ids;
        return await context.LockedSessions(caller.Id, [.. open]).ToListAsync(cancellationToken);
    }

    public Task<Page<Session>> List(SessionList list, PageRequest<SessionPosition> page, Caller caller, CancellationToken cancellationToken) =>
        PageReader.Read<Session>(
            page.Limit,
            last => context.Sessions.Of(caller).AsNoTracking().InList(list, last is null ? page.After : list.PositionOf(last)),
            session => AnswerSize.Of(session, caller),
            cancellationToken);

    public void Add(Session session, Caller caller) => context.Sessions.Add(Owned(session, session.OwnerId == caller.Id));

    public void Remove(Session session, Caller caller) => context.Sessions.Remove(Owned(session, session.OwnerId == caller.Id));

    public Task<Message?> FindMessage(SessionId session, MessageId id, Caller caller, CancellationToken cancellationToken) =>
        context.Messages.Of(caller, session).AsNoTracking().SingleOrDefaultAsync(message => message.Id == id, cancellationToken);

    public async Task<IReadOnlySet<(SessionId Session, MessageId Id)>> FindMessageIds(
        IReadOnlyList<(SessionId Session, MessageId Id)> messages, Caller caller, CancellationToken cancellationToken)
    {
        if (messages.Count == 0) return new HashSet<(SessionId, MessageId)>();
        var open = caller.Scope is { } only ? messages.Where(message => message.Session == only) : messages;
        var found = await context.MessagesOf(caller.Id, [.. open])
            .AsNoTracking()
            .Select(message => new { message.SessionId, message.Id })
            .ToListAsync(cancellationToken);
        return found.Select(message => (message.SessionId, message.Id)).ToHashSet();
    }

    public async Task<Page<Message>?> ListMessages(
        MessageList list, PageRequest<int> page, Caller caller, CancellationToken cancellationToken)
    {
        var read = await PageReader.Read<Message>(
            page.Limit,
            last => context.Messages.Of(caller, list.Session).AsNoTracking().InList(list.Order, last?.Sequence ?? page.After),
            AnswerSize.Of,
            cancellationToken);

        // A message proves its session; only where there is none must the session be asked for.
        var exists = read.Items.Count > 0 || await context.Sessions.Of(caller).AnyAsync(session => session.Id == list.Session, cancellationToken);
        return exists ? read : null;
    }

    public void Add(Message message, Caller caller) => context.Messages.Add(Owned(message, message.OwnerId == caller.Id));

    private static T Owned<T>(T row, bool isOwn) => isOwn ? row : throw new InvalidOperationException("A caller writes own rows alone.");
}
