using Npgsql;
using static Orion.Infrastructure.Persistence.Postgres.PostgresParameters;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Writes a text into the search index, with its tokens.</summary>
internal static class PostgresSearchRow
{
    // The server checks the sizes of tokens. array_to_tsvector would silently lose what is too large.
    private const string Insert = """
        INSERT INTO search_documents (owner_id, session_id, sequence, period, created_at, tokens) VALUES ($1, $2, $3, $4, $5, $6::tsvector)
        """;

    // A title replaces the one before.
    private const string Upsert = Insert + " ON CONFLICT (owner_id, session_id, sequence) DO UPDATE SET tokens = excluded.tokens";

    // One row: the session of the copies. If some of the originals are not indexed yet, the copies have to be indexed, too.
    private const string CopyMessages = """
        WITH copies AS (
            INSERT INTO search_documents (owner_id, session_id, sequence, period, created_at, tokens)
            SELECT owner_id, $3, sequence, period, created_at, tokens FROM search_documents
            WHERE owner_id = $1 AND session_id = $2 AND sequence BETWEEN 1 AND $4 RETURNING 1)
        UPDATE sessions SET indexed_version = CASE WHEN (SELECT count(*) FROM copies) = $4 THEN version ELSE 0 END WHERE owner_id = $1 AND id = $3
        """;

    internal static NpgsqlBatchCommand Copy(MessageCopies copies) => new(CopyMessages)
    {
        Parameters =
        {
            Value(copies.Fork.OwnerId.Value),
            Value(copies.Original.Value),
            Value(copies.Fork.Id.Value),
            new NpgsqlParameter<int> { TypedValue = copies.Ids.Count },
        },
    };

    internal static NpgsqlBatchCommand Write(SearchText text) => new(text.IsTitle ? Upsert : Insert)
    {
        Parameters =
        {
            Value(text.Owner.Value),
            Value(text.Session.Value),
            new NpgsqlParameter<int> { TypedValue = text.Sequence },
            new NpgsqlParameter<int> { TypedValue = text.Period },
            Value(text.CreatedAt),
            Value(text.Tokens()),
        },
    };
}
