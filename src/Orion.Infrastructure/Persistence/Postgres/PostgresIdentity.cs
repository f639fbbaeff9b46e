using Npgsql;
using Orion.Infrastructure.Availability;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Which database a connection leads to, as far as its role can see.</summary>
/// <param name="System">The cluster's identifier, which its standbys and its physical copies share; null where the role may not ask.</param>
/// <param name="Oid">The database's number in the cluster.</param>
/// <param name="Name">The database's name.</param>
/// <param name="StartedAt">When the server was started: a microsecond tells servers apart that share everything else.</param>
/// <param name="IsStandby">Whether it follows another server.</param>
internal sealed record PostgresIdentity(long? System, long Oid, string Name, DateTime StartedAt, bool IsStandby)
{
    private const string Seen = """
        SELECT (SELECT oid::bigint FROM pg_database WHERE datname = current_database()), current_database()::text, pg_postmaster_start_time(),
               pg_is_in_recovery(), has_function_privilege('pg_control_system()', 'EXECUTE')
        """;

    internal static async Task<PostgresIdentity> Of(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        PostgresIdentity identity;
        bool mayAsk;
        await using (var command = new NpgsqlCommand(Seen, connection))
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            identity = new(null, row.GetInt64(0), row.GetString(1), row.GetDateTime(2), row.GetBoolean(3));
            mayAsk = row.GetBoolean(4);
        }

        // A statement of its own: it is refused as a whole where the right is missing.
        if (!mayAsk) return identity;
        await using var control = new NpgsqlCommand("SELECT system_identifier FROM pg_control_system()", connection);
        return identity with { System = (long?)await control.ExecuteScalarAsync(cancellationToken) };
    }

    /// <summary>Whether two of them are one database. Both were asked at about the same time.</summary>
    internal DatabaseMatch Compare(PostgresIdentity other)
    {
        // A standby has the numbers of its primary, so that other numbers are another database, whatever else cannot be seen.
        if (Oid != other.Oid || Name != other.Name) return DatabaseMatch.Different;
        if (System is { } system && other.System is { } theirs && system != theirs) return DatabaseMatch.Different;
        if (StartedAt == other.StartedAt) return DatabaseMatch.Same;
        if (System is null || other.System is null) return DatabaseMatch.Unknown;
        // Of one cluster, and two servers: a primary and its standby, or a restored copy that has gone its own way.
        return IsStandby || other.IsStandby ? DatabaseMatch.Same : DatabaseMatch.Different;
    }
}
