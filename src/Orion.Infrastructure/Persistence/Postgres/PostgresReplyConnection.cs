using Npgsql;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// A connection outside of the requests' pool, which stays open between calls. Used by one caller at a time. Its timeouts are short, and it is
/// broken at the first one. If the server does not respond at all, a call fails after about twice the timeout.
/// </summary>
internal sealed class PostgresReplyConnection(DatabaseSettings settings) : IAsyncDisposable
{
    private const int TimeoutSeconds = 4;

    private readonly NpgsqlDataSource _source = NamedConnections.To(
        new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Pooling = false,
            Timeout = TimeoutSeconds,
            CommandTimeout = TimeoutSeconds,
            CancellationTimeout = -1,
        }.ConnectionString,
        NamedConnections.Replies);

    private NpgsqlConnection? _connection;

    /// <summary>The open connection.</summary>
    internal async ValueTask<NpgsqlConnection> Open(CancellationToken cancellationToken) =>
        _connection ??= await _source.OpenConnectionAsync(cancellationToken);

    /// <summary>Closes the connection until the next call.</summary>
    internal async ValueTask Close()
    {
        if (_connection is not { } connection) return;
        _connection = null;
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or InvalidOperationException)
        {
            // It was broken already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Close();
        await _source.DisposeAsync();
    }
}
