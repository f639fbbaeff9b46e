using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Api.Logging;

/// <summary>The one home of acts that changed something: each is counted, and those that an operator may have to prove are lines.</summary>
internal sealed class AuditLog(ILogger<AuditLog> log, OrionMetrics metrics)
{
    internal void SessionCreated(SessionId session, UserId user)
    {
        metrics.SessionWritten("created");
        log.SessionCreated(session, user);
    }

    /// <summary>A title or metadata changed: counted only, people rename all the time.</summary>
    internal void SessionChanged() => metrics.SessionWritten("changed");

    internal void SessionArchived(SessionId session, UserId user)
    {
        metrics.SessionWritten("archived");
        log.SessionArchived(session, user);
    }

    internal void SessionRestored(SessionId session, UserId user)
    {
        metrics.SessionWritten("restored");
        log.SessionRestored(session, user);
    }

    internal void SessionDeleted(SessionId session, UserId user)
    {
        metrics.SessionWritten("deleted");
        log.SessionDeleted(session, user);
    }

    /// <summary>A message was appended: counted only.</summary>
    internal void MessageAppended() => metrics.MessageWritten();

    internal void TokensRevoked(UserId user)
    {
        metrics.TokensRevoked();
        log.TokensRevoked(user);
    }

    internal void SessionTokenMinted(SessionId session, UserId user)
    {
        metrics.TokenMinted();
        log.SessionTokenMinted(session, user);
    }
}
