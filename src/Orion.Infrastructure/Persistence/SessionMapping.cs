using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence;

internal sealed class SessionMapping : IEntityTypeConfiguration<Session>
{
    /// <summary>
    /// The version up to which the session's title and messages are in the search index. Versions of Orion without search do not write it,
    /// so that it differs from the version of a session that they have changed.
    /// </summary>
    internal const string IndexedVersion = nameof(IndexedVersion);

    public void Configure(EntityTypeBuilder<Session> session)
    {
        session.ToTable("sessions");
        session.HasKey(row => new { row.OwnerId, row.Id });
        session.Property(row => row.Id).ValueGeneratedNever();
        session.Property(row => row.FirstMessage).HasMaxLength(MessageContent.PreviewLength);
        session.Property(row => row.LastMessage).HasMaxLength(MessageContent.PreviewLength);
        session.Property(row => row.Version).IsConcurrencyToken();
        session.Ignore(row => row.DisplayTitle);
        session.Property<long>(IndexedVersion).HasDefaultValue(0L);

        // The sessions that have to be indexed.
        session.HasIndex(row => new { row.OwnerId, row.Id }, "ix_sessions_not_indexed").HasDatabaseName("ix_sessions_not_indexed")
            .HasFilter("indexed_version <> version");

        // Only of temporary sessions, so that other writes do not pay for it.
        session.HasIndex(row => new { row.OwnerId, row.ExpiresAt }, "ix_sessions_owner_id_expires_at")
            .HasDatabaseName("ix_sessions_owner_id_expires_at").HasFilter("expires_at IS NOT NULL");

        // One for each order and value of the filter: a page is a range scan of one of them, however many rows the filter excludes.
        foreach (var (rows, filter) in ((string, string)[])[("current", "archived_at IS NULL"), ("archived", "archived_at IS NOT NULL")])
        {
            Index($"ix_sessions_{rows}_owner_id_updated_at_id", row => new { row.OwnerId, row.UpdatedAt, row.Id });
            Index($"ix_sessions_{rows}_owner_id_created_at_id", row => new { row.OwnerId, row.CreatedAt, row.Id });

            void Index(string name, Expression<Func<Session, object?>> columns) => session.HasIndex(columns, name).HasDatabaseName(name).HasFilter(filter);
        }
    }
}
