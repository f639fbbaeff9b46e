using Npgsql;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>How many connections a server gives.</summary>
/// <param name="All">To all roles on this database together.</param>
/// <param name="Role">To the role that asks; null without a limit of its own.</param>
internal sealed record PostgresLimits(int All, int? Role)
{
    /// <summary>What an instance holds beside the requests' pool: the check's connection.</summary>
    internal const int BesidePool = 1;

    // The session's user counts. A superuser is held to none but max_connections. reserved_connections is PostgreSQL 16's.
    private const string Sql = """
        SELECT CASE WHEN rolsuper THEN current_setting('max_connections')::int ELSE least(
                   current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                       - coalesce(current_setting('reserved_connections', true)::int, 0),
                   (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())) END,
               CASE WHEN NOT rolsuper THEN nullif(rolconnlimit, -1) END
        FROM pg_roles WHERE rolname = session_user
        """;

    /// <summary>The least of them.</summary>
    internal int Least => Math.Min(All, Role ?? int.MaxValue);

    internal static PostgresLimits Of(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Sql, connection);
        using var row = command.ExecuteReader();
        row.Read();
        return new PostgresLimits(row.GetInt32(0), row.IsDBNull(1) ? null : row.GetInt32(1));
    }
}
