using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence;

internal sealed class SessionMapping : IEntityTypeConfiguration<Session>
{
    public void Configure(EntityTypeBuilder<Session> session)
    {
        session.ToTable("sessions");
        session.HasKey(row => new { row.OwnerId, row.Id });
        session.Property(row => row.Id).ValueGeneratedNever();
        session.Property(row => row.FirstMessage).HasMaxLength(MessageContent.PreviewLength);
        session.Property(row => row.LastMessage).HasMaxLength(MessageContent.PreviewLength);
        session.Property(row => row.Version).IsConcurrencyToken();
        session.Ignore(row => row.DisplayTitle);

        // One for each order of a list, so that a page is a range scan of its owner's rows.
        session.HasIndex(row => new { row.OwnerId, row.UpdatedAt, row.Id });
        session.HasIndex(row => new { row.OwnerId, row.CreatedAt, row.Id });
    }
}
