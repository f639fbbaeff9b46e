using Npgsql;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// A source of connections that looks for the server of a cluster that can be written once, and again after <see cref="ForgetServers"/>.
/// Otherwise Npgsql looks for it regularly, and a request waits each time for a server that does not respond.
/// </summary>
internal sealed class ClusterConnections : IDisposable
{
    private readonly NpgsqlMultiHostDataSource? _cluster;

    internal ClusterConnections(NpgsqlConnectionStringBuilder target, string name)
    {
        target.HostRecheckSeconds = int.MaxValue;
        (Source, _cluster) = NamedConnections.Build(target.ConnectionString, name);
    }

    /// <summary>The source of connections.</summary>
    internal NpgsqlDataSource Source { get; }

    /// <summary>
    /// Forgets which server can be written and which are unavailable. Necessary after a lost connection, because Npgsql then regards its
    /// server as unavailable.
    /// </summary>
    internal void ForgetServers() => _cluster?.ClearDatabaseStates();

    public void Dispose()
    {
        Source.Dispose();
        _cluster?.Dispose();
    }
}
