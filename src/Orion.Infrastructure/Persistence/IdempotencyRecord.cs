using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orion.Application.Idempotency;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

/// <summary>A row of <c>idempotency_keys</c>: the key of a request, and what it was answered.</summary>
internal sealed class IdempotencyRecord
{
    public required UserId OwnerId { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    public required string Key { get; init; }

    public required byte[] BodyHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The session that the answer belongs to; null until the command is saved.</summary>
    public SessionId? SessionId { get; set; }

    /// <summary>The answer as JSON; null until the command is saved.</summary>
    public string? Answer { get; set; }
}

internal sealed class IdempotencyRecordMapping : IEntityTypeConfiguration<IdempotencyRecord>
{
    public void Configure(EntityTypeBuilder<IdempotencyRecord> answer)
    {
        answer.ToTable("idempotency_keys");
        answer.HasKey(row => new { row.OwnerId, row.Method, row.Path, row.Key });
        answer.Property(row => row.Method).HasMaxLength(16);
        answer.Property(row => row.Path).HasMaxLength(200);
        answer.Property(row => row.Key).HasMaxLength(IdempotencyKey.MaxLength);
        answer.HasIndex(row => row.CreatedAt);

        // Goes with its session.
        answer.HasOne<Session>().WithMany()
            .HasForeignKey(row => new { row.OwnerId, row.SessionId })
            .OnDelete(DeleteBehavior.Cascade);
    }
}
