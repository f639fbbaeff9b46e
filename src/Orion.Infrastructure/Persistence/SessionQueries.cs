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

    /// <summary>
    /// The messages of a session of the caller's after a sequence (null: from the beginning), in order. With a scope, only the session in
    /// scope has any. The limit is in a subquery for the same reason as in <see cref="SessionListSql"/>.
    /// </summary>
    internal static IQueryable<Message> Page(this DbSet<Message> messages, MessageList list, int? after, int limit, Caller caller)
    {
        if (caller.Scope is { } only && only != list.Session) return messages.Where(_ => false);

        var (owner, session) = (caller.Id.Value, list.Session.Value);
        return list.Order == SortOrder.Ascending
            ? messages.FromSql(
                $"""
                SELECT * FROM messages WHERE owner_id = {owner} AND session_id = {session} AND sequence > {after ?? 0}
                ORDER BY sequence LIMIT (SELECT {limit})
                """)
            : messages.FromSql(
                $"""
                SELECT * FROM messages WHERE owner_id = {owner} AND session_id = {session} AND sequence < {after ?? int.MaxValue}
                ORDER BY sequence DESC LIMIT (SELECT {limit})
                """);
    }
}
