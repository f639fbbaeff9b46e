using Npgsql;
using Orion.Infrastructure.Availability;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Which database a connection refers to, as far as its role can see.</summary>
/// <param name="System">The cluster's identifier, which its standbys and physical copies share; null if the role may not read it.</param>
/// <param name="Oid">The database's OID in the cluster.</param>
/// <param name="Name">The database's name.</param>
/// <param name="StartedAt">When the server was started, in microseconds, which distinguishes servers that share everything else.</param>
/// <param name="IsStandby">Whether it is a standby of another server.</param>
internal sealed record PostgresIdentity(long? System, long Oid, string Name, DateTime StartedAt, bool IsStandby)
{
    private const string Facts = """
        SELECT (SELECT oid::bigint FROM pg_database WHERE datname = current_database()), current_database()::text, pg_postmaster_start_time(),
               pg_is_in_recovery(), has_function_privilege('pg_control_system()', 'EXECUTE')
        """;

    internal static async Task<PostgresIdentity> Of(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        PostgresIdentity identity;
        bool mayReadSystem;
        await using (var command = new NpgsqlCommand(Facts, connection))
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            identity = new(null, row.GetInt64(0), row.GetString(1), row.GetDateTime(2), row.GetBoolean(3));
            mayReadSystem = row.GetBoolean(4);
        }

        // A separate statement, because it fails as a whole without the privilege.
        if (!mayReadSystem) return identity;
        await using var control = new NpgsqlCommand("SELECT system_identifier FROM pg_control_system()", connection);
        return identity with { System = (long?)await control.ExecuteScalarAsync(cancellationToken) };
    }

    /// <summary>Whether two identities, read at about the same time, are the same database.</summary>
    internal DatabaseMatch Compare(PostgresIdentity other)
    {
        // A standby has the OIDs of its primary. Different ones mean different databases, even if nothing else is known.
        if (Oid != other.Oid || Name != other.Name) return DatabaseMatch.Different;
        if (System is { } system && other.System is { } otherSystem && system != otherSystem) return DatabaseMatch.Different;
        if (StartedAt == other.StartedAt) return DatabaseMatch.Same;
        if (System is null || other.System is null) return DatabaseMatch.Unknown;
        // Two servers of one cluster: a primary and its standby, or a restored copy that has diverged.
        return IsStandby || other.IsStandby ? DatabaseMatch.Same : DatabaseMatch.Different;
    }
}
