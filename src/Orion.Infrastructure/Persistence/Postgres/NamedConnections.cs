using Npgsql;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Connections with a name for their purpose. Npgsql uses the name in metrics and traces. Without one it uses the connection string, which
/// must not appear there.
/// </summary>
internal static class NamedConnections
{
    /// <summary>The pool of the requests.</summary>
    internal const string Requests = "requests";

    /// <summary>The health check.</summary>
    internal const string Check = "check";

    /// <summary>Migrations.</summary>
    internal const string Migration = "migration";

    /// <summary>The frame writer of replies, and the follower of those of other instances.</summary>
    internal const string Replies = "replies";

    internal static NpgsqlDataSource To(string connectionString, string name) => new NpgsqlDataSourceBuilder(connectionString) { Name = name }.Build();
}
