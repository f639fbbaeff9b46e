using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Auditing;
using Orion.Infrastructure.Caching;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// Audits committed changes and invalidates the caches of this instance. The changes are read from the change tracker, so that no command
/// can omit them.
/// </summary>
internal sealed class CommittedChanges(AuditLog audit, AuthorizedUserCache users, SessionTokenValidityCache sessionTokens)
{
    /// <summary>Collects the changes that a context is about to save.</summary>
    internal Changes Collect(ChangeTracker tracker)
    {
        var changes = new Changes(audit, users, sessionTokens);
        foreach (var entry in tracker.Entries())
        {
            if (entry.State is not (EntityState.Unchanged or EntityState.Detached)) changes.Add(entry);
        }

        return changes;
    }

    /// <summary>The changes of one command.</summary>
    internal sealed class Changes(AuditLog audit, AuthorizedUserCache users, SessionTokenValidityCache sessionTokens)
    {
        private readonly List<Action> _audits = [];
        private readonly List<Action> _invalidations = [];

        /// <summary>Audits the changes, once they are committed.</summary>
        internal void Audit()
        {
            foreach (var record in _audits) record();
        }

        /// <summary>Invalidates the caches, once the changes are committed or the result of the commit is unknown.</summary>
        internal void Invalidate()
        {
            foreach (var invalidate in _invalidations) invalidate();
        }

        internal void Add(EntityEntry entry)
        {
            switch (entry.Entity)
            {
                case AuthorizedUser user:
                    _invalidations.Add(() => users.Invalidate(user.Email));
                    if (IsSignOut(user, entry)) _audits.Add(() => audit.TokensRevoked(user.Id));
                    break;
                case Message:
                    _audits.Add(audit.MessageAppended);
                    break;
                case Session session:
                    _audits.Add(AuditOf(session, entry));
                    if (entry.State == EntityState.Deleted || entry.Property(nameof(Session.ArchivedAt)).IsModified)
                        _invalidations.Add(() => sessionTokens.Invalidate(session.OwnerId, session.Id));
                    break;
            }
        }

        private static bool IsSignOut(AuthorizedUser user, EntityEntry entry) =>
            entry.State == EntityState.Modified && user.IsAuthorized && entry.Property(nameof(AuthorizedUser.TokensValidFrom)).IsModified;

        private Action AuditOf(Session session, EntityEntry entry)
        {
            if (entry.State == EntityState.Added) return () => audit.SessionCreated(session.Id, session.OwnerId);
            if (entry.State == EntityState.Deleted) return () => audit.SessionDeleted(session.Id, session.OwnerId);
            if (!entry.Property(nameof(Session.ArchivedAt)).IsModified) return audit.SessionChanged;
            return session.ArchivedAt is null
                ? () => audit.SessionRestored(session.Id, session.OwnerId)
                : () => audit.SessionArchived(session.Id, session.OwnerId);
        }
    }
}
