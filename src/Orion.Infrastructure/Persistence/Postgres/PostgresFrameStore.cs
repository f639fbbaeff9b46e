using System.Data;
using Npgsql;
using NpgsqlTypes;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Replies;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Each call is one statement in its own transaction: one round trip. It skips rows that others have locked. Under READ COMMITTED, a row
/// that was changed before it is locked is checked again, so a reply that has ended is never written.
/// </summary>
internal sealed class PostgresFrameStore(DatabaseSettings settings) : IFrameStore
{
    private const string Streaming = "r.status = 'streaming' AND r.instance = @instance";

    private const string Insert = $"""
        WITH wanted AS (
            SELECT * FROM unnest(@owners, @sessions, @replies, @numbers, @counts, @frames) WITH ORDINALITY
                AS w (owner_id, session_id, reply_id, number, frame_count, frames, position)
        ), locked AS (
            SELECT r.owner_id, r.session_id, r.id
            FROM wanted w JOIN replies r ON r.owner_id = w.owner_id AND r.session_id = w.session_id AND r.id = w.reply_id
            WHERE {Streaming}
            ORDER BY r.owner_id, r.session_id, r.id
            FOR NO KEY UPDATE OF r SKIP LOCKED
        ), stored AS (
            INSERT INTO reply_frames (owner_id, session_id, reply_id, number, frame_count, frames)
            SELECT w.owner_id, w.session_id, w.reply_id, w.number, w.frame_count, w.frames
            FROM wanted w JOIN locked l ON l.owner_id = w.owner_id AND l.session_id = w.session_id AND l.id = w.reply_id
            ON CONFLICT (owner_id, session_id, reply_id, number) DO NOTHING
        )
        SELECT CASE
                WHEN l.id IS NOT NULL THEN 0
                WHEN EXISTS (
                    SELECT 1 FROM replies r
                    WHERE r.owner_id = w.owner_id AND r.session_id = w.session_id AND r.id = w.reply_id AND {Streaming}) THEN 1
                ELSE 2
            END,
            (SELECT pg_notify('{PostgresDbContext.RepliesChannel}', '') FROM locked LIMIT 1)
        FROM wanted w LEFT JOIN locked l ON l.owner_id = w.owner_id AND l.session_id = w.session_id AND l.id = w.reply_id
        ORDER BY w.position
        """;

    private const string Renew = $"""
        UPDATE replies SET lease = lease + 1
        FROM (
            SELECT r.owner_id, r.session_id, r.id
            FROM unnest(@owners, @sessions, @replies) AS w (owner_id, session_id, reply_id)
            JOIN replies r ON r.owner_id = w.owner_id AND r.session_id = w.session_id AND r.id = w.reply_id
            WHERE {Streaming}
            ORDER BY r.owner_id, r.session_id, r.id
            FOR NO KEY UPDATE OF r SKIP LOCKED) AS l
        WHERE replies.owner_id = l.owner_id AND replies.session_id = l.session_id AND replies.id = l.id
        """;

    private const string Find = $"""
        SELECT r.owner_id, r.session_id, r.id
        FROM unnest(@owners, @sessions, @replies) AS w (owner_id, session_id, reply_id)
        JOIN replies r ON r.owner_id = w.owner_id AND r.session_id = w.session_id AND r.id = w.reply_id
        WHERE {Streaming}
        """;

    private readonly PostgresReplyConnection _connection = new(settings);

    public async Task<IReadOnlyList<ChunkResult>> Write(InstanceId instance, IReadOnlyList<FrameChunk> chunks, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Insert, await _connection.Open(cancellationToken));
        AddKeys(command, instance, [.. chunks.Select(chunk => chunk.Key)]);
        command.Parameters.AddWithValue("numbers", chunks.Select(chunk => chunk.Number).ToArray());
        command.Parameters.AddWithValue("counts", chunks.Select(chunk => chunk.Frames.Count).ToArray());
        command.Parameters.AddWithValue("frames", NpgsqlDbType.Array | NpgsqlDbType.Text, chunks.Select(chunk => chunk.Text).ToArray());
        await using var row = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        var results = new List<ChunkResult>(chunks.Count);
        while (await row.ReadAsync(cancellationToken)) results.Add((ChunkResult)row.GetInt32(0));
        return results;
    }

    public async Task RenewLeases(InstanceId instance, IReadOnlyList<ReplyKey> replies, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Renew, await _connection.Open(cancellationToken));
        AddKeys(command, instance, replies);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<IReadOnlySet<ReplyKey>> FindStreaming(InstanceId instance, IReadOnlyList<ReplyKey> replies, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Find, await _connection.Open(cancellationToken));
        AddKeys(command, instance, replies);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var streaming = new HashSet<ReplyKey>();
        while (await row.ReadAsync(cancellationToken))
            streaming.Add(new ReplyKey(UserId.From(row.GetGuid(0)), SessionId.From(row.GetGuid(1)), ReplyId.From(row.GetGuid(2))));
        return streaming;
    }

    public ValueTask Close() => _connection.Close();

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static void AddKeys(NpgsqlCommand command, InstanceId instance, IReadOnlyList<ReplyKey> replies)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid>("instance", instance.Value));
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("owners", [.. replies.Select(reply => reply.Owner.Value)]));
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("sessions", [.. replies.Select(reply => reply.Session.Value)]));
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("replies", [.. replies.Select(reply => reply.Reply.Value)]));
    }
}
