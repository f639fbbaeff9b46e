using System.Globalization;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Infrastructure.Availability;

namespace Orion.Cli.Doctor;

/// <summary>Checks the servers of the database's cluster, and the replication between them.</summary>
internal static class ReplicationChecks
{
    private const string Cluster = "cluster";
    private const string Replication = "replication";

    // The default of max_standby_streaming_delay.
    private static readonly TimeSpan HighLag = TimeSpan.FromSeconds(30);

    internal static async Task<IReadOnlyList<DoctorResult>> Run(OrionHost host, CancellationToken cancellationToken) =>
        await host.Diagnosis.ReadReplication(cancellationToken) is { } condition ? [.. Evaluate(condition)] : [];

    /// <summary>Evaluates the replication. A single server without standbys has no results.</summary>
    internal static IEnumerable<DoctorResult> Evaluate(ReplicationCondition condition)
    {
        var servers = condition.Servers;
        if (servers.Count > 1)
        {
            foreach (var server in servers.Where(server => server.Failure is not null))
                yield return new DoctorResult(Cluster, Health.Warn, $"{server.Address} cannot be used: {server.Failure!.What}", server.Failure.Fix);
            yield return EvaluateRoles(servers);
        }

        if (condition.Primary is { } primary && EvaluatePrimary(primary, isCluster: servers.Count > 1) is { } result) yield return result;
        foreach (var server in servers)
        {
            if (server.Standby is { } standby) yield return EvaluateStandby(server.Address, standby);
            // The clock of a primary is one of the results for the database.
            if (server.Standby is not null) yield return ClockChecks.Evaluate(server.Address, server.ClockAhead);
        }
    }

    private static DoctorResult EvaluateRoles(IReadOnlyList<ServerCondition> servers)
    {
        var usable = servers.Where(server => server.Failure is null).ToList();
        var primaries = usable.Where(server => server.Standby is null).Select(server => server.Address).ToList();
        return primaries switch
        {
            [] => new DoctorResult(Cluster, Health.Fail, "no server of DATABASE_URL is a primary", "Promote a standby, or wait until the cluster manager has done so."),
            [var primary] => new DoctorResult(
                Cluster, Health.Pass, string.Join(", ", usable.Select(server => $"{server.Address} is {(server.Address == primary ? "the primary" : "a standby")}"))),
            _ => new DoctorResult(
                Cluster,
                Health.Fail,
                $"{string.Join(" and ", primaries)} are both primaries: their data diverges",
                "Stop the one that was replaced in a failover, and make it a standby again."),
        };
    }

    private static DoctorResult? EvaluatePrimary(PrimaryCondition primary, bool isCluster)
    {
        var connected = $"{Counted.Of(primary.Connected, "standby")} connected";
        if (primary.SynchronousNames.Length == 0)
        {
            if (!isCluster) return primary.Connected == 0 ? null : new DoctorResult(Replication, Health.Pass, $"asynchronous, {connected}");
            const string advice = "To lose none, set synchronous_standby_names (Patroni: synchronous_mode). Commits then wait for a standby.";
            return new DoctorResult(Replication, Health.Warn, $"asynchronous, {connected}: a failover may lose the latest writes", advice);
        }

        var setting = $"synchronous_standby_names = '{primary.SynchronousNames}'";
        if (primary.SynchronousCommit is "off" or "local")
        {
            const string advice = "Reset it for the role, the database and the server.";
            return new DoctorResult(
                Replication, Health.Warn, $"asynchronous, because synchronous_commit is {primary.SynchronousCommit}: a failover may lose the latest writes", advice);
        }

        if (primary.Connected == 0 || primary.Synchronous == 0)
        {
            return new DoctorResult(
                Replication,
                Health.Fail,
                $"{setting}, but {(primary.Connected == 0 ? "no standby is connected" : $"none of the {connected} is synchronous")}: writes wait for one",
                "Start the standby, or correct the setting on the primary.");
        }

        return new DoctorResult(Replication, Health.Pass, primary.Synchronous is { } synchronous
            ? $"synchronous ({setting}), {connected}, {synchronous} synchronous"
            : $"synchronous ({setting}), {connected}; which are synchronous is visible only to members of pg_monitor");
    }

    private static DoctorResult EvaluateStandby(string address, StandbyCondition standby)
    {
        var bytes = standby.Bytes is > 0 and var behind ? $", and is {Measured.Mebibytes(behind)} behind" : "";
        var lag = standby.Behind switch
        {
            null => $"{address} has not replayed any change since its start{bytes}",
            { Ticks: 0 } => $"{address} has replayed all changes",
            { } time => string.Create(CultureInfo.InvariantCulture, $"{address} has replayed changes until {time.TotalSeconds:0.0} s ago{bytes}"),
        };
        if (!standby.IsReceiving)
            return new DoctorResult(Replication, Health.Warn, $"{lag}, and is not connected to its primary", "Check the standby's log, primary_conninfo and pg_hba.conf of the primary.");
        if (standby.IsPaused) return new DoctorResult(Replication, Health.Warn, $"{lag}, and its replay is paused", "On the standby: SELECT pg_wal_replay_resume()");
        return standby.Behind is not { } duration || duration > HighLag
            ? new DoctorResult(Replication, Health.Warn, lag, "Look for long queries on the standby, and check its disk and network.")
            : new DoctorResult(Replication, Health.Pass, lag);
    }
}
