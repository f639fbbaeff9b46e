using System.Globalization;
using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>The servers that a backup uses.</summary>
/// <param name="Dumped">The server that is dumped.</param>
/// <param name="Writable">The server for the scratch database; null if none accepts writes.</param>
/// <param name="Standby">The address of the dumped server if it is a standby; otherwise null.</param>
internal sealed record BackupServers(NpgsqlConnectionStringBuilder Dumped, NpgsqlConnectionStringBuilder? Writable, string? Standby)
{
    /// <summary>Chooses the servers of a cluster.</summary>
    /// <exception cref="BackupFailedException">No server can be used.</exception>
    internal static async Task<BackupServers> Choose(
        NpgsqlConnectionStringBuilder target, BackupSource source, PostgresReplication replication, CancellationToken cancellationToken)
    {
        if (!source.IsStandby)
        {
            await using var connection = await NamedConnections.OpenUnpooled(target, NamedConnections.Backup, cancellationToken);
            // The other servers of a cluster have neither the snapshot nor, yet, a new database.
            var server = PostgresReplication.At(target, new PostgresHost(connection.Host!, connection.Port));
            if (!await connection.QueryScalar<bool>("SELECT pg_is_in_recovery()", cancellationToken)) return new BackupServers(server, server, null);
        }

        var (servers, _) = await replication.Read(target, cancellationToken);
        var chosen = servers.Where(server => server.Standby is not null).MinBy(server => server.Standby!.Behind ?? TimeSpan.MaxValue)
            ?? throw new BackupFailedException(NoStandby(target, servers));
        if (source.MaxLag is { } limit && (chosen.Standby!.Behind ?? TimeSpan.MaxValue) > limit) throw new BackupFailedException(TooFarBehind(chosen));

        var primary = servers.FirstOrDefault(server => server is { Standby: null, Failure: null });
        return new BackupServers(At(chosen), primary is null ? null : At(primary), chosen.Address);

        NpgsqlConnectionStringBuilder At(ServerCondition server) => PostgresReplication.At(target, PostgresHost.Parse(server.Address));
    }

    private static string TooFarBehind(ServerCondition server)
    {
        var standby = server.Standby!;
        var lag = standby.Behind is { } behind
            ? string.Create(CultureInfo.InvariantCulture, $"is {behind.TotalSeconds:0} s behind its primary")
            : "is behind its primary by an unknown time";
        var reason = standby.IsPaused ? ", because its replay is paused" : standby.IsReceiving ? "" : ", because it is not connected";
        return $"The standby {server.Address} {lag}{reason}. To back it up anyway, increase --max-lag; 0 allows any lag.";
    }

    private static string NoStandby(NpgsqlConnectionStringBuilder target, IReadOnlyList<ServerCondition> servers)
    {
        var found = servers.Select(server => server.Failure is { } failure ? $"{server.Address} cannot be used ({failure.What})" : $"{server.Address} is a primary");
        return $"No server of {PostgresTarget.AddressOf(target)} is a standby: {string.Join(", ", found)}.";
    }
}
