using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// The queries for a caller's rows. Each of them begins with <see cref="Of(DbSet{Session}, Caller)"/> or its overload for messages, which
/// exclude the rows of others.
/// </summary>
internal static class SessionQueries
{
    /// <summary>The caller's sessions. With a scope, only the session in scope.</summary>
    internal static IQueryable<Session> Of(this DbSet<Session> sessions, Caller caller)
    {
        var own = sessions.Where(session => session.OwnerId == caller.Id);
        return caller.Scope is { } only ? own.Where(session => session.Id == only) : own;
    }

    /// <summary>The messages of one of the caller's sessions.</summary>
    internal static IQueryable<Message> Of(this DbSet<Message> messages, Caller caller, SessionId session)
    {
        var own = messages.Where(message => message.OwnerId == caller.Id && message.SessionId == session);
        return caller.Scope is { } only ? own.Where(message => message.SessionId == only) : own;
    }

    /// <summary>The list after a position (null: all of it), in order.</summary>
    internal static IQueryable<Session> InList(this IQueryable<Session> sessions, SessionList list, SessionPosition? after)
    {
        sessions = list.Archived switch
        {
            ArchivedFilter.Exclude => sessions.Where(session => session.ArchivedAt == null),
            ArchivedFilter.Only => sessions.Where(session => session.ArchivedAt != null),
            _ => sessions,
        };
        if (list.From is { } from) sessions = sessions.Where(session => session.CreatedAt >= from);
        if (list.To is { } to) sessions = sessions.Where(session => session.CreatedAt <= to);

        // The first condition limits the range scan, the second one breaks ties. LINQ has no row values on either database.
        return (list.Sort, list.Order, after) switch
        {
            (SessionSort.UpdatedAt, SortOrder.Descending, null) => sessions.OrderByDescending(s => s.UpdatedAt).ThenByDescending(s => s.Id),
            (SessionSort.UpdatedAt, SortOrder.Descending, { } p) => sessions
                .Where(s => s.UpdatedAt <= p.At && (s.UpdatedAt < p.At || s.Id < p.Id)).OrderByDescending(s => s.UpdatedAt).ThenByDescending(s => s.Id),
            (SessionSort.UpdatedAt, SortOrder.Ascending, null) => sessions.OrderBy(s => s.UpdatedAt).ThenBy(s => s.Id),
            (SessionSort.UpdatedAt, SortOrder.Ascending, { } p) => sessions
                .Where(s => s.UpdatedAt >= p.At && (s.UpdatedAt > p.At || s.Id > p.Id)).OrderBy(s => s.UpdatedAt).ThenBy(s => s.Id),
            (_, SortOrder.Descending, null) => sessions.OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Id),
            (_, SortOrder.Descending, { } p) => sessions
                .Where(s => s.CreatedAt <= p.At && (s.CreatedAt < p.At || s.Id < p.Id)).OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Id),
            (_, _, null) => sessions.OrderBy(s => s.CreatedAt).ThenBy(s => s.Id),
            (_, _, { } p) => sessions
                .Where(s => s.CreatedAt >= p.At && (s.CreatedAt > p.At || s.Id > p.Id)).OrderBy(s => s.CreatedAt).ThenBy(s => s.Id),
        };
    }

    /// <summary>The messages after a sequence (null: all of them), in order.</summary>
    internal static IQueryable<Message> InList(this IQueryable<Message> messages, SortOrder order, int? after) => (order, after) switch
    {
        (SortOrder.Ascending, null) => messages.OrderBy(message => message.Sequence),
        (SortOrder.Ascending, { } sequence) => messages.Where(message => message.Sequence > sequence).OrderBy(message => message.Sequence),
        (_, null) => messages.OrderByDescending(message => message.Sequence),
        (_, { } sequence) => messages.Where(message => message.Sequence < sequence).OrderByDescending(message => message.Sequence),
    };
}
