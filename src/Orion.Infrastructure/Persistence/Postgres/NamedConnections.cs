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

    /// <summary>Backups.</summary>
    internal const string Backup = "backup";

    /// <summary>The import of the Node service's database.</summary>
    internal const string LegacyImport = "import";

    /// <summary>Migrations.</summary>
    internal const string Migration = "migration";

    /// <summary>The frame writer of replies, and the follower of those of other instances.</summary>
    internal const string Replies = "replies";

    internal static NpgsqlDataSource To(
        string connectionString, string name, TargetSessionAttributes session = TargetSessionAttributes.ReadWrite) =>
        Build(connectionString, name, session).Source;

    /// <summary>
    /// A source of connections, and the cluster that it belongs to, which caches the roles of its servers; null with one server.
    /// </summary>
    internal static (NpgsqlDataSource Source, NpgsqlMultiHostDataSource? Cluster) Build(
        string connectionString, string name, TargetSessionAttributes session = TargetSessionAttributes.ReadWrite)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString) { Name = name };
        if (PostgresTarget.HostsOf(builder.ConnectionStringBuilder).Count == 1) return (builder.Build(), null);
        var cluster = builder.BuildMultiHost();
        // Not "primary", which also opens a connection whose transactions are read-only.
        return (cluster.WithTargetSession(session), cluster);
    }

    /// <summary>A connection outside of any pool, not opened yet. The caller disposes it.</summary>
    internal static NpgsqlConnection CreateUnpooled(
        NpgsqlConnectionStringBuilder target, string name, TargetSessionAttributes session = TargetSessionAttributes.ReadWrite)
    {
        target.Pooling = false;
        // Without a pool, the source holds nothing to dispose.
        return To(target.ConnectionString, name, session).CreateConnection();
    }

    /// <summary>An open connection outside of any pool. The caller disposes it.</summary>
    internal static async Task<NpgsqlConnection> OpenUnpooled(
        NpgsqlConnectionStringBuilder target, string name, CancellationToken cancellationToken,
        TargetSessionAttributes session = TargetSessionAttributes.ReadWrite)
    {
        var connection = CreateUnpooled(target, name, session);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
