using Npgsql;
using Orion.Infrastructure.Persistence.Availability;
using Orion.Infrastructure.Settings;

namespace Orion.Infrastructure.Persistence.Postgres;

internal sealed class PostgresConnection(DatabaseSettings settings) : IDatabaseConnection
{
    private readonly string _unpooled = new NpgsqlConnectionStringBuilder(settings.ConnectionString)
    {
        Pooling = false,
        Timeout = 2,
        CommandTimeout = 2,
        CancellationTimeout = -1,
    }.ConnectionString;

    public async Task Ping(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(_unpooled);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT 1", connection);
        await command.ExecuteScalarAsync(cancellationToken);
    }

    public void ForgetPooled()
    {
        using var pooled = new NpgsqlConnection(settings.ConnectionString);
        NpgsqlConnection.ClearPool(pooled);
    }
}
