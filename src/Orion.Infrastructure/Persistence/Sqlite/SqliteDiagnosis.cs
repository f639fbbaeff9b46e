using Microsoft.Data.Sqlite;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Sqlite;

internal sealed class SqliteDiagnosis(DatabaseSettings settings, IDatabaseConnection check, TimeProvider clock) : IDatabaseDiagnosis
{
    private readonly string _unpooled = settings.Unpooled();

    public async Task<DatabaseCondition> Read(CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(_unpooled);
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_schema";
        return new DatabaseCondition
        {
            Version = $"SQLite {connection.ServerVersion}",
            // It ships with Orion.
            IsVersionSupported = true,
            Latency = await LatencyProbe.Median(() => command.ExecuteScalarAsync(cancellationToken), clock),
            NotWritable = NotWritable(),
            SessionsNotIndexed = SessionsNotIndexed(connection),
        };
    }

    public Task<ReplicationCondition?> ReadReplication(CancellationToken cancellationToken) => Task.FromResult<ReplicationCondition?>(null);

    private static long? SessionsNotIndexed(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sessions WHERE indexed_version <> version";
        try
        {
            return (long)command.ExecuteScalar()!;
        }
        catch (SqliteException)
        {
            // Without the table or the column: the database is not migrated.
            return null;
        }
    }

    private DatabaseFailure? NotWritable()
    {
        try
        {
            check.Ping();
            return null;
        }
        catch (DatabaseNotWritableException exception)
        {
            return DatabaseFailure.Of(exception);
        }
    }
}
