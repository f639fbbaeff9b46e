using Microsoft.Data.Sqlite;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Replies;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>Each call is one transaction. There is one writer at a time, so no reply is ever busy.</summary>
internal sealed class SqliteFrameStore(DatabaseSettings settings, SqliteWriteLock writes) : IFrameStore
{
    private const string Streaming = """
        SELECT 1 FROM replies
        WHERE owner_id = $owner AND session_id = $session AND id = $reply AND status = 'streaming' AND instance = $instance
        """;

    private const string Insert = $"""
        INSERT INTO reply_frames (owner_id, session_id, reply_id, number, frame_count, frames)
        SELECT $owner, $session, $reply, $number, $count, $frames WHERE EXISTS ({Streaming})
        ON CONFLICT (owner_id, session_id, reply_id, number) DO NOTHING
        """;

    private const string Renew = """
        UPDATE replies SET lease = lease + 1
        WHERE owner_id = $owner AND session_id = $session AND id = $reply AND status = 'streaming' AND instance = $instance
        """;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    private SqliteConnection? _connection;

    public async Task<IReadOnlyList<ChunkResult>> Write(InstanceId instance, IReadOnlyList<FrameChunk> chunks, CancellationToken cancellationToken)
    {
        using var writeLock = await Lock(cancellationToken);
        var connection = Open();
        using var transaction = connection.BeginTransaction();
        var results = new List<ChunkResult>(chunks.Count);
        foreach (var chunk in chunks)
        {
            using var insert = Command(connection, Insert, instance, chunk.Key);
            insert.Parameters.AddWithValue("$number", chunk.Number);
            insert.Parameters.AddWithValue("$count", chunk.Frames.Count);
            insert.Parameters.AddWithValue("$frames", chunk.Text);
            // No row is inserted for a chunk that is stored already, either.
            var isStored = insert.ExecuteNonQuery() > 0 || IsStreaming(connection, instance, chunk.Key);
            results.Add(isStored ? ChunkResult.Stored : ChunkResult.Lost);
        }

        transaction.Commit();
        return results;
    }

    public async Task RenewLeases(InstanceId instance, IReadOnlyList<ReplyKey> replies, CancellationToken cancellationToken)
    {
        using var writeLock = await Lock(cancellationToken);
        var connection = Open();
        using var transaction = connection.BeginTransaction();
        foreach (var reply in replies)
        {
            using var renew = Command(connection, Renew, instance, reply);
            renew.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    public Task<IReadOnlySet<ReplyKey>> FindStreaming(InstanceId instance, IReadOnlyList<ReplyKey> replies, CancellationToken cancellationToken)
    {
        var connection = Open();
        return Task.FromResult<IReadOnlySet<ReplyKey>>(replies.Where(reply => IsStreaming(connection, instance, reply)).ToHashSet());
    }

    public async ValueTask Close()
    {
        if (_connection is not { } connection) return;
        _connection = null;
        await connection.DisposeAsync();
    }

    public ValueTask DisposeAsync() => Close();

    private static bool IsStreaming(SqliteConnection connection, InstanceId instance, ReplyKey reply)
    {
        using var command = Command(connection, Streaming, instance, reply);
        return command.ExecuteScalar() is not null;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, InstanceId instance, ReplyKey reply)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$owner", reply.Owner.Value);
        command.Parameters.AddWithValue("$session", reply.Session.Value);
        command.Parameters.AddWithValue("$reply", reply.Reply.Value);
        command.Parameters.AddWithValue("$instance", instance.Value);
        return command;
    }

    private async Task<IDisposable> Lock(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            return await writes.Acquire(timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("Another write takes too long.");
        }
    }

    private SqliteConnection Open()
    {
        if (_connection is { } open) return open;
        var connection = new SqliteConnection(settings.Unpooled()) { DefaultTimeout = (int)Timeout.TotalSeconds };
        try
        {
            connection.Open();
            SqlitePragmas.Apply(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        return _connection = connection;
    }
}
