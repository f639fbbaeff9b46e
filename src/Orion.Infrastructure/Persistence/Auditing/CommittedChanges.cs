using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Persistence.Users;

namespace Orion.Infrastructure.Persistence.Auditing;

/// <summary>
/// What follows from a committed change, whoever made it: it is counted and logged, and what this instance remembers of it is
/// forgotten. Read from what is saved, so that no command can leave it out.
/// </summary>
internal sealed class CommittedChanges(AuditLog audit, CachedAuthorizations authorizations)
{
    /// <summary>Notes what a context is about to save.</summary>
    internal Noted Note(ChangeTracker tracker)
    {
        var noted = new Noted(audit, authorizations);
        foreach (var entry in tracker.Entries())
        {
            if (entry.State is not (EntityState.Unchanged or EntityState.Detached)) noted.Add(entry);
        }

        return noted;
    }

    /// <summary>The changes of one command.</summary>
    internal sealed class Noted(AuditLog audit, CachedAuthorizations authorizations)
    {
        private readonly List<Action> _acts = [];
        private readonly List<EmailAddress> _users = [];

        /// <summary>The changes are saved.</summary>
        internal void Tell()
        {
            foreach (var act in _acts) act();
        }

        /// <summary>The changes are saved, or it is not known whether they are.</summary>
        internal void Forget()
        {
            foreach (var email in _users) authorizations.Forget(email);
        }

        internal void Add(EntityEntry entry)
        {
            switch (entry.Entity)
            {
                case AuthorizedUser user:
                    _users.Add(user.Email);
                    break;
                case Message:
                    _acts.Add(audit.MessageAppended);
                    break;
                case Session session:
                    _acts.Add(Act(session, entry));
                    break;
            }
        }

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
