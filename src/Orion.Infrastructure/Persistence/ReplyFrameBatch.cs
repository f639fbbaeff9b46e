using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

/// <summary>A row of <c>reply_frames</c>: the frames of a reply that were written together.</summary>
internal sealed class ReplyFrameBatch
{
    /// <summary>The name of the table. Backups leave out its rows.</summary>
    internal const string Table = "reply_frames";

    public required UserId OwnerId { get; init; }

    public required SessionId SessionId { get; init; }

    public required ReplyId ReplyId { get; init; }

    /// <summary>The number of the first frame. The others follow without gaps.</summary>
    public required int Number { get; init; }

    public required int FrameCount { get; init; }

    /// <summary>The frames' JSON, each followed by a line feed except for the last one.</summary>
    public required string Frames { get; init; }
}

internal sealed class ReplyFrameBatchMapping : IEntityTypeConfiguration<ReplyFrameBatch>
{
    public void Configure(EntityTypeBuilder<ReplyFrameBatch> batch)
    {
        batch.ToTable(ReplyFrameBatch.Table);
        batch.HasKey(row => new { row.OwnerId, row.SessionId, row.ReplyId, row.Number });
        batch.Property(row => row.Number).ValueGeneratedNever();

        batch.HasOne<Reply>().WithMany()
            .HasForeignKey(row => new { row.OwnerId, row.SessionId, row.ReplyId })
            .OnDelete(DeleteBehavior.Cascade);
    }
}
