using Npgsql;
using Orion.Infrastructure.Availability;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Statements without parameters on a connection.</summary>
internal static class NpgsqlConnectionExtensions
{
    /// <summary>Runs a query that returns one value, which is not null.</summary>
    internal static async Task<T> QueryScalar<T>(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>How far the clock of the server is ahead of this machine's.</summary>
    internal static Task<TimeSpan> ClockAhead(this NpgsqlConnection connection, TimeProvider clock, CancellationToken cancellationToken) => ClockProbe.Ahead(
        async () => new DateTimeOffset((await connection.QueryScalar<DateTime>("SELECT clock_timestamp()", cancellationToken)).ToUniversalTime()), clock);

    /// <summary>Runs a statement without a result.</summary>
    internal static async Task Run(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
