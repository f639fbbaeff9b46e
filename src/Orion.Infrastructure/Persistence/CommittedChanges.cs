using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Auditing;
using Orion.Infrastructure.Caching;

namespace Orion.Infrastructure.Persistence;

/// <summary>A row that a command writes.</summary>
/// <param name="Row">The row.</param>
/// <param name="State">How it is written.</param>
/// <param name="AffectsTokens">
/// Whether a modification changes which tokens are valid: the <see cref="Session.ArchivedAt"/> of a session, or the
/// <see cref="AuthorizedUser.TokensValidFrom"/> of a user.
/// </param>
/// <param name="SetsTitle">Whether the title of a session is set: the session is added, or its title is modified.</param>
internal readonly record struct RowChange(object Row, EntityState State, bool AffectsTokens = false, bool SetsTitle = false)
{
    /// <summary>The changes that a context is about to save.</summary>
    internal static IEnumerable<RowChange> Of(ChangeTracker tracker) => tracker.Entries()
        .Where(entry => entry.State is not (EntityState.Unchanged or EntityState.Detached))
        .Select(entry => new RowChange(
            entry.Entity,
            entry.State,
            entry.Entity switch
            {
                Session => entry.Property(nameof(Session.ArchivedAt)).IsModified,
                AuthorizedUser => entry.Property(nameof(AuthorizedUser.TokensValidFrom)).IsModified,
                _ => false,
            },
            entry.Entity is Session && (entry.State == EntityState.Added || entry.Property(nameof(Session.Title)).IsModified)));
}

/// <summary>
/// Audits committed changes and invalidates the caches of this instance. The unit of work collects the changes from what it saves, so that
/// no command can omit them.
/// </summary>
internal sealed class CommittedChanges(AuditLog audit, AuthorizedUserCache users, SessionTokenValidityCache sessionTokens)
{
    /// <summary>Audits changes, once they are committed.</summary>
    internal void Audit(IReadOnlyList<RowChange> changes)
    {
        foreach (var change in changes)
        {
            switch (change.Row)
            {
                case AuthorizedUser user when change is { State: EntityState.Modified, AffectsTokens: true } && user.IsAuthorized:
                    audit.TokensRevoked(user.Id);
                    break;
                case Message:
                    audit.MessageAppended();
                    break;
                case Session session:
                    Audit(session, change);
                    break;
            }
        }
    }

    /// <summary>Invalidates the caches, once the changes are committed or the result of the commit is unknown.</summary>
    internal void Invalidate(IReadOnlyList<RowChange> changes)
    {
        foreach (var change in changes)
        {
            switch (change.Row)
            {
                case AuthorizedUser user:
                    users.Invalidate(user.Email);
                    break;
                case Session session when change.State == EntityState.Deleted || change.AffectsTokens:
                    sessionTokens.Invalidate(session.OwnerId, session.Id);
                    break;
            }
        }
    }

    private void Audit(Session session, RowChange change)
    {
        if (change.State == EntityState.Added) audit.SessionCreated(session.Id, session.OwnerId);
        else if (change.State == EntityState.Deleted) audit.SessionDeleted(session.Id, session.OwnerId);
        else if (!change.AffectsTokens) audit.SessionChanged();
        else if (session.ArchivedAt is null) audit.SessionRestored(session.Id, session.OwnerId);
        else audit.SessionArchived(session.Id, session.OwnerId);
    }
}
