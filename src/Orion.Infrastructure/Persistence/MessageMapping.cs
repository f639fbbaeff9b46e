using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence;

internal sealed class MessageMapping : IEntityTypeConfiguration<Message>
{
    public void Configure(EntityTypeBuilder<Message> message)
    {
        message.ToTable("messages");
        message.HasKey(row => new { row.OwnerId, row.SessionId, row.Sequence });
        message.Property(row => row.Sequence).ValueGeneratedNever();
        message.HasIndex(row => new { row.OwnerId, row.SessionId, row.Id }).IsUnique();

        // A message cannot refer to another owner's session.
        message.HasOne<Session>().WithMany()
            .HasForeignKey(row => new { row.OwnerId, row.SessionId })
            .OnDelete(DeleteBehavior.Cascade);
    }
}
