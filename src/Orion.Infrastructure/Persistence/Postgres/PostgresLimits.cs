using Npgsql;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>How many connections a server allows.</summary>
/// <param name="All">For all roles on this database together.</param>
/// <param name="Role">For the connected role; null if it has no limit.</param>
internal sealed record PostgresLimits(int All, int? Role)
{
    /// <summary>The connection of the health check.</summary>
    internal const int Check = 1;

    /// <summary>The connections of replies: the frame writer, and the follower of the replies of other instances.</summary>
    internal const int Replies = 2;

    /// <summary>The connections of an instance outside of the requests' pool.</summary>
    internal const int OutsidePool = Check + Replies;

    // The session user's limits apply. Only max_connections limits a superuser. reserved_connections exists since PostgreSQL 16.
    private const string Sql = """
        SELECT CASE WHEN rolsuper THEN current_setting('max_connections')::int ELSE least(
                   current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                       - coalesce(current_setting('reserved_connections', true)::int, 0),
                   (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())) END,
               CASE WHEN NOT rolsuper THEN nullif(rolconnlimit, -1) END
        FROM pg_roles WHERE rolname = session_user
        """;

    /// <summary>The lower one.</summary>
    internal int Lowest => Math.Min(All, Role ?? int.MaxValue);

    internal static PostgresLimits Of(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Sql, connection);
        using var row = command.ExecuteReader();
        row.Read();
        return new PostgresLimits(row.GetInt32(0), row.IsDBNull(1) ? null : row.GetInt32(1));
    }
}
