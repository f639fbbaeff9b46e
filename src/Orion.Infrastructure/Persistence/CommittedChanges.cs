using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Auditing;
using Orion.Infrastructure.Caching;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// What follows from a committed change, whoever made it: it is counted and logged, and what this instance remembers of it is
/// forgotten. Read from what is saved, so that no command can leave it out.
/// </summary>
internal sealed class CommittedChanges(AuditLog audit, AuthorizedUserCache authorizations, SessionTokenValidityCache sessionTokens)
{
    /// <summary>Notes what a context is about to save.</summary>
    internal Noted Note(ChangeTracker tracker)
    {
        var noted = new Noted(audit, authorizations, sessionTokens);
        foreach (var entry in tracker.Entries())
        {
            if (entry.State is not (EntityState.Unchanged or EntityState.Detached)) noted.Add(entry);
        }

        return noted;
    }

    /// <summary>The changes of one command.</summary>
    internal sealed class Noted(AuditLog audit, AuthorizedUserCache authorizations, SessionTokenValidityCache sessionTokens)
    {
        private readonly List<Action> _acts = [];
        private readonly List<Action> _outdated = [];

        /// <summary>The changes are saved.</summary>
        internal void Tell()
        {
            foreach (var act in _acts) act();
        }

        /// <summary>The changes are saved, or it is not known whether they are.</summary>
        internal void Forget()
        {
            foreach (var forget in _outdated) forget();
        }

        internal void Add(EntityEntry entry)
        {
            switch (entry.Entity)
            {
                case AuthorizedUser user:
                    _outdated.Add(() => authorizations.Forget(user.Email));
                    if (IsSignOut(user, entry)) _acts.Add(() => audit.TokensRevoked(user.Id));
                    break;
                case Message:
                    _acts.Add(audit.MessageAppended);
                    break;
                case Session session:
                    _acts.Add(Act(session, entry));
                    if (entry.State == EntityState.Deleted || entry.Property(nameof(Session.ArchivedAt)).IsModified)
                        _outdated.Add(() => sessionTokens.Forget(session.OwnerId, session.Id));
                    break;
            }
        }

        private static bool IsSignOut(AuthorizedUser user, EntityEntry entry) =>
            entry.State == EntityState.Modified && user.IsAuthorized && entry.Property(nameof(AuthorizedUser.TokensValidFrom)).IsModified;

        private Action Act(Session session, EntityEntry entry)
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
