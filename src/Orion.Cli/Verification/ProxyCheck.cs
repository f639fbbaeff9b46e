using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Orion.Cli.Verification;

/// <summary>The proxy in front decides what Orion believes of a client, not the client.</summary>
internal static class ProxyCheck
{
    private const string Path = "/api/me";
    private const string ClientAddress = "X-Forwarded-For";
    private const string ClientProtocol = "X-Forwarded-Proto";

    internal static async Task<VerificationResult> Run(VerificationTarget target, Probe probe, CancellationToken cancellationToken)
    {
        if (target.Address.Scheme == Uri.UriSchemeHttp) return new VerificationResult(Mark.Skipped, "no proxy is in front of this address");

        var finding = await ExamineProtocol(probe, cancellationToken);
        if (finding.Mark != Mark.Passed) return finding;
        // To a proxy on this machine the client is loopback, which Orion trusts by default.
        return await IsThisMachine(target.Address.Host, cancellationToken)
            ? new VerificationResult(Mark.Passed, "the protocol; for the address run verify from another machine")
            : await ExamineAddress(probe, cancellationToken);
    }

    /// <summary>Asks through the proxy, as a client that claims a protocol.</summary>
    internal static async Task<VerificationResult> ExamineProtocol(Probe probe, CancellationToken cancellationToken)
    {
        var claimed = await Claim(probe, ClientProtocol, "https", cancellationToken);
        if (claimed.Code == "https_required")
        {
            return VerificationResult.Failed($"The proxy in front appends to a client's {ClientProtocol}, so that Orion reads https,https. "
                + $"Have it replace the header (nginx: proxy_set_header {ClientProtocol} $scheme;).");
        }

        return claimed.Status == 401 ? VerificationResult.Passed : VerificationResult.Failed($"{Path} answered {claimed} instead of 401.");
    }

    /// <summary>Asks through the proxy, as a client that claims an address.</summary>
    internal static async Task<VerificationResult> ExamineAddress(Probe probe, CancellationToken cancellationToken)
    {
        var claimed = await Claim(probe, ClientAddress, SomeAddress(), cancellationToken);
        // Twice, because the budget of the real address may have been renewed in between.
        if (IsUntouched(claimed)) claimed = await Claim(probe, ClientAddress, SomeAddress(), cancellationToken);
        if (claimed.Status != 401) return VerificationResult.Failed($"{Path} answered {claimed} instead of 401.");
        return IsUntouched(claimed)
            ? VerificationResult.Failed($"Orion believes a client's own {ClientAddress}, so that a client chooses its rate-limit budget and its address in the log. "
                + $"Name only proxies in TRUSTED_PROXIES, not this machine's network, and have the proxy in front append the address of its client "
                + $"(nginx: proxy_set_header {ClientAddress} $proxy_add_x_forwarded_for;).")
            : VerificationResult.Passed;
    }

    private static Task<ProbeResponse> Claim(Probe probe, string header, string value, CancellationToken cancellationToken) =>
        probe.Get(Path, null, cancellationToken, (header, value));

    private static async Task<bool> IsThisMachine(string host, CancellationToken cancellationToken)
    {
        try
        {
            return (await Dns.GetHostAddressesAsync(host, cancellationToken)).All(IPAddress.IsLoopback);
        }
        catch (SocketException)
        {
            // An outgoing proxy resolves the name.
            return false;
        }
    }

    // Nothing was drawn on the budget before: it belongs to the address that the client made up.
    private static bool IsUntouched(ProbeResponse answer) => answer.Status == 401 && answer.Budget is { } budget && budget.Left == budget.Size - 1;

    // Of the network for documentation, in a /56 of its own, which is what has a budget.
    private static string SomeAddress() =>
        $"2001:db8:{RandomNumberGenerator.GetHexString(4, lowercase: true)}:{RandomNumberGenerator.GetHexString(2, lowercase: true)}00::1";
}
