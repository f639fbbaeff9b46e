using Microsoft.Data.Sqlite;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Sqlite;

internal sealed class SqliteDiagnosis(DatabaseSettings settings, IDatabaseConnection check, TimeProvider clock) : IDatabaseDiagnosis
{
    private readonly string _unpooled = new SqliteConnectionStringBuilder(settings.ConnectionString) { Pooling = false }.ConnectionString;

    public async Task<DatabaseCondition> Ask(CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(_unpooled);
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_schema";
        return new DatabaseCondition
        {
            Version = $"SQLite {connection.ServerVersion}",
            // It comes with Orion.
            IsVersionKept = true,
            Latency = await LatencyProbe.Median(() => command.ExecuteScalarAsync(cancellationToken), clock),
            NotWritable = NotWritable(),
        };
    }

    private DatabaseFailure? NotWritable()
    {
        try
        {
            check.Ping();
            return null;
        }
        catch (DatabaseNotWritableException why)
        {
            return DatabaseFailure.Of(why);
        }
    }
}
