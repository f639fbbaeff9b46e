using Npgsql;

namespace Orion.IntegrationTests.Databases;

/// <summary>Another client's transaction, which has a session's row until it is disposed of.</summary>
internal sealed class RowLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private RowLock(NpgsqlConnection connection) => _connection = connection;

    public static async Task<RowLock> On(PostgresDatabase database, string session)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.Connection.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"BEGIN; SELECT 1 FROM sessions WHERE id = '{session}' FOR UPDATE", connection);
        Assert.Equal(1, await command.ExecuteScalarAsync());
        return new RowLock(connection);
    }

    /// <summary>How many of Orion's connections wait for a lock.</summary>
    public static async Task<int> Waiting(PostgresDatabase database) => (await database.Query(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'orion' AND wait_event_type = 'Lock'")).Count;

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
