using Npgsql;
using Orion.Application.Replies;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Replies;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Listens for notifications, and reads on the same connection. Behind a pooler in transaction mode there are no notifications; everything
/// else works there.
/// </summary>
internal sealed class PostgresFrameSource(DatabaseSettings settings) : IFrameSource
{
    private const int RowsAtOnce = 32;

    // Begins with the row of the next frame, which is a single step in the index.
    private static readonly string Sql = $"""
        SELECT w.position, coalesce(r.status = 'streaming', false), f.number, f.frames
        FROM unnest(@owners, @sessions, @replies, @numbers) WITH ORDINALITY AS w (owner_id, session_id, reply_id, number, position)
        LEFT JOIN replies r ON r.owner_id = w.owner_id AND r.session_id = w.session_id AND r.id = w.reply_id
        LEFT JOIN LATERAL (
            SELECT f.number, f.frames FROM reply_frames f
            WHERE f.owner_id = w.owner_id AND f.session_id = w.session_id AND f.reply_id = w.reply_id
              AND f.number >= coalesce((
                SELECT max(p.number) FROM reply_frames p
                WHERE p.owner_id = w.owner_id AND p.session_id = w.session_id AND p.reply_id = w.reply_id AND p.number <= w.number + 1), 1)
              AND f.number + f.frame_count > w.number + 1
            ORDER BY f.number LIMIT {RowsAtOnce}) AS f ON true
        ORDER BY w.position, f.number
        """;

    private readonly PostgresReplyConnection _connection = new(settings);
    private NpgsqlConnection? _listening;

    public async Task WaitForChange(TimeSpan atMost, CancellationToken cancellationToken)
    {
        var connection = await Open(cancellationToken);
        await connection.WaitAsync(atMost, cancellationToken);
    }

    public async Task<IReadOnlyList<NewFrames>> Read(IReadOnlyList<(ReplyKey Reply, int After)> replies, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, await Open(cancellationToken));
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("owners", [.. replies.Select(reply => reply.Reply.Owner.Value)]));
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("sessions", [.. replies.Select(reply => reply.Reply.Session.Value)]));
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("replies", [.. replies.Select(reply => reply.Reply.Reply.Value)]));
        command.Parameters.Add(new NpgsqlParameter<int[]>("numbers", [.. replies.Select(reply => reply.After)]));

        var frames = replies.Select(_ => new List<StoredFrame>()).ToList();
        var streaming = new bool[replies.Count];
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var reply = (int)row.GetInt64(0) - 1;
            streaming[reply] = row.GetBoolean(1);
            if (!row.IsDBNull(2)) frames[reply].AddRange(StoredFrames.Split(row.GetInt32(2), row.GetString(3)));
        }

        return [.. replies.Select((reply, n) => new NewFrames(reply.Reply, frames[n], streaming[n]))];
    }

    public ValueTask Close() => _connection.Close();

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<NpgsqlConnection> Open(CancellationToken cancellationToken)
    {
        var connection = await _connection.Open(cancellationToken);
        if (connection == _listening) return connection;
        await connection.Run($"LISTEN {PostgresDbContext.RepliesChannel}", cancellationToken);
        return _listening = connection;
    }
}
