using Npgsql;
using Orion.Infrastructure.Persistence.Availability;
using Orion.Infrastructure.Settings;

namespace Orion.Infrastructure.Persistence.Postgres;

internal sealed class PostgresConnection(DatabaseSettings settings, NpgsqlDataSource requests) : IDatabaseConnection, IDisposable
{
    private readonly NpgsqlDataSource _unpooled = NamedConnections.To(
        new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Pooling = false,
            Timeout = 2,
            CommandTimeout = 2,
            CancellationTimeout = -1,
        }.ConnectionString,
        NamedConnections.Check);

    public void Ping()
    {
        using var connection = _unpooled.OpenConnection();
        using var command = new NpgsqlCommand("SELECT 1", connection);
        command.ExecuteScalar();
    }

    public void ForgetPooled() => requests.Clear();

    public void Dispose() => _unpooled.Dispose();
}
