using System.Net;
using System.Net.Sockets;
using Orion.Infrastructure.Configuration;

namespace Orion.Cli.Doctor;

/// <summary>Tries the addresses that the service opens, without taking them from an Orion that runs.</summary>
internal static class ListeningExamination
{
    private const string Subject = "listening";
    private const string ServiceName = "\"orion-chat-backend\"";
    private const string Metric = "orion_";

    // As deploy/systemd has it: systemd holds the service's port then, whether the service runs or not.
    private const string SystemdSocket = "/etc/systemd/system/orion.socket";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    internal static async Task<IReadOnlyList<DoctorResult>> Examine(IReadOnlyList<ListenAddress> addresses, CancellationToken cancellationToken)
    {
        var isSystemds = File.Exists(SystemdSocket);
        var own = addresses.Where(address => !isSystemds || address.ServesMetrics).ToList();
        var refused = ListenProbe.Try(own);
        var symptoms = new List<DoctorResult>();
        if (isSystemds) symptoms.Add(new DoctorResult(Subject, Health.Pass, "systemd listens for the service (orion.socket)"));
        foreach (var address in own.Except(refused.Select(problem => problem.Address)))
            symptoms.Add(new DoctorResult(Subject, Health.Pass, $"{address.Url} can be opened"));
        foreach (var problem in refused)
            symptoms.Add(problem.IsTaken ? await Judge(problem, cancellationToken) : SettingsExamination.Refused(problem.Problem));
        return symptoms;
    }

    private static async Task<DoctorResult> Judge(ListenProblem taken, CancellationToken cancellationToken)
    {
        var address = taken.Address;
        // Nothing is sent but the question, so it does not matter whose certificate it is; but it is not asked for, either.
        if (address.IsHttps) return new DoctorResult(Subject, Health.Warn, $"{address.Url} is taken, by Orion or another program", "See which process listens there: ss -tlnp");
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout, MaxResponseContentBufferSize = 16 << 20 };
            // Orion answers 503 with its name while its database is away.
            using var answer = await client.GetAsync(Question(address), cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            if (text.Contains(address.ServesMetrics ? Metric : ServiceName, StringComparison.Ordinal))
                return new DoctorResult(Subject, Health.Pass, $"{address.Url} is open: Orion answers there");
        }
        catch (HttpRequestException exception) when (exception.InnerException is SocketException)
        {
            // It has ended in the meantime, or listens without accepting.
            return Refused(taken, "which accepts no connection");
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or InvalidOperationException)
        {
            if (cancellationToken.IsCancellationRequested) throw;
        }

        return Refused(taken, "which does not answer as Orion does");
    }

    private static DoctorResult Refused(ListenProblem taken, string how) =>
        SettingsExamination.Refused(taken.Problem with { What = $"{taken.Problem.What}, {how}" });

    private static Uri Question(ListenAddress address)
    {
        var isAny = address.Address is not { } ip || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any);
        var host = isAny ? "127.0.0.1" : address.Address!.ToString();
        return new UriBuilder(Uri.UriSchemeHttp, host, address.Port, address.ServesMetrics ? "/metrics" : "/health").Uri;
    }
}
