using System.Net.Sockets;
using Orion.Infrastructure.Configuration;

namespace Orion.Cli.Doctor;

/// <summary>Tries to open the service's addresses, without disturbing a running Orion.</summary>
internal static class ListenChecks
{
    private const string Subject = "listening";
    private const string ServiceName = "\"orion-chat-backend\"";
    private const string Metric = "orion_";

    // With deploy/systemd, systemd holds the service's port, whether the service runs or not.
    private const string SystemdSocket = "/etc/systemd/system/orion.socket";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    internal static async Task<IReadOnlyList<DoctorResult>> Run(IReadOnlyList<ListenAddress> addresses, CancellationToken cancellationToken)
    {
        var usesSystemd = File.Exists(SystemdSocket);
        var own = addresses.Where(address => !usesSystemd || address.ServesMetrics).ToList();
        var failed = ListenProbe.FindProblems(own);
        var results = new List<DoctorResult>();
        if (usesSystemd) results.Add(new DoctorResult(Subject, Health.Pass, "systemd listens for the service (orion.socket)"));
        foreach (var address in own.Except(failed.Select(problem => problem.Address)))
            results.Add(new DoctorResult(Subject, Health.Pass, $"{address.Url} can be opened"));
        foreach (var problem in failed)
            results.Add(problem.IsInUse ? await Identify(problem, cancellationToken) : SettingsChecks.Invalid(problem.Problem));
        return results;
    }

    private static async Task<DoctorResult> Identify(ListenProblem conflict, CancellationToken cancellationToken)
    {
        var address = conflict.Address;
        // The owner of the certificate is unknown, so no request is sent over TLS.
        if (address.IsHttps) return new DoctorResult(Subject, Health.Warn, $"{address.Url} is in use, by Orion or another program", "Find the process that listens there: ss -tlnp");
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout, MaxResponseContentBufferSize = 16 << 20 };
            // While its database is unavailable, Orion returns 503 and its name.
            using var response = await client.GetAsync(ProbeUri(address), cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (text.Contains(address.ServesMetrics ? Metric : ServiceName, StringComparison.Ordinal))
                return new DoctorResult(Subject, Health.Pass, $"{address.Url} is open: Orion responds there");
        }
        catch (HttpRequestException exception) when (exception.InnerException is SocketException)
        {
            // The program has ended in the meantime, or does not accept connections.
            return InUse(conflict, "which does not accept connections");
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or InvalidOperationException)
        {
            if (cancellationToken.IsCancellationRequested) throw;
        }

        return InUse(conflict, "which does not respond as Orion does");
    }

    private static DoctorResult InUse(ListenProblem conflict, string behavior) =>
        SettingsChecks.Invalid(conflict.Problem with { What = $"{conflict.Problem.What}, {behavior}" });

    private static Uri ProbeUri(ListenAddress address) =>
        new UriBuilder(Uri.UriSchemeHttp, address.ReachableHost, address.Port, address.ServesMetrics ? "/metrics" : "/health").Uri;
}
