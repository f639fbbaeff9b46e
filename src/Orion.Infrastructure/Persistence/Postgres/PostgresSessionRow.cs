using Npgsql;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using static Orion.Infrastructure.Persistence.Postgres.PostgresParameters;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// The columns of sessions, for the statements that are written by hand: reading, inserting and updating them. A test
/// compares them with the mapping of EF Core.
/// </summary>
internal static class PostgresSessionRow
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    internal const string Columns = $"id, {Values}";

    // Without the key.
    private const string Values =
        "title, first_message, last_message, message_count, metadata, created_at, updated_at, archived_at, version, tokens_valid_from, expires_at";

    private const string Parameters = "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13";

    private const string InsertStatement = $"INSERT INTO sessions (owner_id, {Columns}, indexed_version) VALUES ($1, $2, {Parameters}, $11)";

    // The row is locked, so the version needs no comparison.
    private const string UpdateStatement =
        $"UPDATE sessions SET ({Values}) = ROW ({Parameters}), indexed_version = {IndexedVersion} $11 ELSE indexed_version END WHERE owner_id = $1 AND id = $2";

    // The change is indexed with it. A session that was not indexed before stays unindexed.
    private const string IndexedVersion = "CASE WHEN indexed_version = version THEN";

    // PostgreSQL stores a long value again if it is set again, even to the same text.
    private const string UpdateLastMessage =
        "UPDATE sessions SET last_message = $3, message_count = $4, updated_at = $5, version = $6, "
        + $"indexed_version = {IndexedVersion} $6 ELSE indexed_version END WHERE owner_id = $1 AND id = $2";

    private const string DeleteStatement = "DELETE FROM sessions WHERE owner_id = $1 AND id = $2";

    /// <summary>The session of a row with <see cref="Columns"/>.</summary>
    internal static Session Read(NpgsqlDataReader row, UserId owner) => Session.From(
        owner,
        SessionId.From(row.GetGuid(0)),
        row.IsDBNull(1) ? null : SessionTitle.From(row.GetString(1)),
        row.GetString(2),
        row.GetString(3),
        row.GetInt32(4),
        Metadata.From(row.GetString(5)),
        row.GetDateTime(6),
        row.GetDateTime(7),
        row.IsDBNull(8) ? null : row.GetDateTime(8),
        row.GetInt64(9),
        row.GetDateTime(10),
        row.IsDBNull(11) ? null : row.GetDateTime(11));

    /// <summary>Inserts the session.</summary>
    internal static NpgsqlBatchCommand Insert(Session session) => WithValues(InsertStatement, session);

    /// <summary>Updates a locked session.</summary>
    internal static NpgsqlBatchCommand Update(Session session, MutableColumns stored) => MutableColumns.Of(session).DiffersOnlyByLastMessage(stored)
        ? Command(
            UpdateLastMessage,
            session,
            Value(session.LastMessage),
            new NpgsqlParameter<int> { TypedValue = session.MessageCount },
            Value(session.UpdatedAt),
            new NpgsqlParameter<long> { TypedValue = session.Version })
        : WithValues(UpdateStatement, session);

    /// <summary>Deletes the session.</summary>
    internal static NpgsqlBatchCommand Delete(Session session) => Command(DeleteStatement, session);

    // In the order of the columns in Values.
    private static NpgsqlBatchCommand WithValues(string sql, Session session) => Command(
        sql,
        session,
        Value(session.Title?.Value),
        Value(session.FirstMessage),
        Value(session.LastMessage),
        new NpgsqlParameter<int> { TypedValue = session.MessageCount },
        Value(session.Metadata.Json),
        Value(session.CreatedAt),
        Value(session.UpdatedAt),
        Value(session.ArchivedAt),
        new NpgsqlParameter<long> { TypedValue = session.Version },
        Value(session.TokensValidFrom),
        Value(session.ExpiresAt));

    // The first two parameters are the key of the session.
    private static NpgsqlBatchCommand Command(string sql, Session session, params ReadOnlySpan<NpgsqlParameter> values)
    {
        var command = new NpgsqlBatchCommand(sql) { Parameters = { Value(session.OwnerId.Value), Value(session.Id.Value) } };
        foreach (var value in values) command.Parameters.Add(value);
        return command;
    }

    /// <summary>The columns that can change.</summary>
    internal readonly record struct MutableColumns(
        SessionTitle? Title, string FirstMessage, string LastMessage, int MessageCount, Metadata Metadata,
        DateTimeOffset UpdatedAt, DateTimeOffset? ArchivedAt, long Version, DateTimeOffset TokensValidFrom, DateTimeOffset? ExpiresAt)
    {
        internal static MutableColumns Of(Session session) => new(
            session.Title, session.FirstMessage, session.LastMessage, session.MessageCount, session.Metadata,
            session.UpdatedAt, session.ArchivedAt, session.Version, session.TokensValidFrom, session.ExpiresAt);

        internal bool DiffersOnlyByLastMessage(MutableColumns other) =>
            this == other with { LastMessage = LastMessage, MessageCount = MessageCount, UpdatedAt = UpdatedAt, Version = Version };
    }
}
