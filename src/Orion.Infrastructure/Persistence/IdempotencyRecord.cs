using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orion.Application.Idempotency;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

/// <summary>A row of <c>idempotency_keys</c>: the key of a request, and its response.</summary>
internal sealed class IdempotencyRecord
{
    public required UserId OwnerId { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    public required string Key { get; init; }

    public required byte[] BodyHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The session of the response; null until the command is saved.</summary>
    public SessionId? SessionId { get; set; }

    /// <summary>The response as JSON, in the column <c>answer</c>; null until the command is saved.</summary>
    public string? Response { get; set; }
}

internal sealed class IdempotencyRecordMapping : IEntityTypeConfiguration<IdempotencyRecord>
{
    public void Configure(EntityTypeBuilder<IdempotencyRecord> record)
    {
        record.ToTable("idempotency_keys");
        record.HasKey(row => new { row.OwnerId, row.Method, row.Path, row.Key });
        record.Property(row => row.Method).HasMaxLength(16);
        record.Property(row => row.Path).HasMaxLength(200);
        record.Property(row => row.Key).HasMaxLength(IdempotencyKey.MaxLength);
        record.Property(row => row.Response).HasColumnName("answer");
        record.HasIndex(row => row.CreatedAt);

        // Deleted with its session.
        record.HasOne<Session>().WithMany()
            .HasForeignKey(row => new { row.OwnerId, row.SessionId })
            .OnDelete(DeleteBehavior.Cascade);
    }
}
