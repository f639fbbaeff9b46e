using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// A row of <c>search_documents</c>: a text in the search index (docs/adr/0021-search-without-extensions.md). On PostgreSQL it has the tokens;
/// on SQLite, the table <c>search_tokens</c> has them.
/// </summary>
internal sealed class SearchDocument
{
    /// <summary>The sequence of a session's title.</summary>
    internal const int Title = 0;

    /// <summary>The column of the tokens on PostgreSQL.</summary>
    internal const string Tokens = nameof(Tokens);

    /// <summary>The key on SQLite.</summary>
    internal const string Number = nameof(Number);

    public required UserId OwnerId { get; init; }

    public required SessionId SessionId { get; init; }

    /// <summary>The sequence of the message, or <see cref="Title"/>.</summary>
    public required int Sequence { get; init; }

    /// <summary>The <see cref="Application.Search.SearchPeriod"/> of <see cref="CreatedAt"/>.</summary>
    public required int Period { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class SearchDocumentMapping : IEntityTypeConfiguration<SearchDocument>
{
    public void Configure(EntityTypeBuilder<SearchDocument> document)
    {
        document.ToTable("search_documents");
        document.HasKey(row => new { row.OwnerId, row.SessionId, row.Sequence });
        document.Property(row => row.Sequence).ValueGeneratedNever();

        // The periods in which an owner has texts.
        document.HasIndex(row => new { row.OwnerId, row.Period });

        document.HasOne<Session>().WithMany()
            .HasForeignKey(row => new { row.OwnerId, row.SessionId })
            .OnDelete(DeleteBehavior.Cascade);
    }
}
