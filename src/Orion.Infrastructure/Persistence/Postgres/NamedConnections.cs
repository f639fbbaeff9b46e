using Npgsql;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Connections with a name for their purpose. Npgsql uses the name in metrics and traces. Without one it uses the connection string, which
/// must not appear there. With several servers, a connection leads to the one that can be written.
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

    internal static NpgsqlDataSource To(string connectionString, string name)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString) { Name = name };
        // Not "primary", which also opens a connection whose transactions are read-only.
        return PostgresTarget.HostsOf(builder.ConnectionStringBuilder).Count == 1
            ? builder.Build()
            : builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.ReadWrite);
    }
}
