using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence;

internal sealed class ReplyMapping : IEntityTypeConfiguration<Reply>
{
    /// <summary>Whether the frames of an ended reply have been deleted.</summary>
    internal const string FramesDeleted = nameof(FramesDeleted);

    public void Configure(EntityTypeBuilder<Reply> reply)
    {
        reply.ToTable("replies");
        reply.HasKey(row => new { row.OwnerId, row.SessionId, row.Id });
        reply.Property(row => row.Failure).HasColumnName("error");
        reply.Property<bool>(FramesDeleted);

        // A session has one running reply at a time. BeginReply finds it under the session's lock, so this index is never violated.
        reply.HasIndex(row => new { row.OwnerId, row.SessionId }).IsUnique().HasFilter("status = 'streaming'");

        // The replies whose frames will be deleted.
        reply.HasIndex(row => row.FinishedAt).HasFilter("NOT frames_deleted");

        reply.HasOne<Session>().WithMany()
            .HasForeignKey(row => new { row.OwnerId, row.SessionId })
            .OnDelete(DeleteBehavior.Cascade);
    }
}
