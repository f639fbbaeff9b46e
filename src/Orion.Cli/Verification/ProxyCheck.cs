using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Orion.Cli.Verification;

/// <summary>A client cannot forge the address and the protocol that Orion sees: the proxy in front determines them.</summary>
internal static class ProxyCheck
{
    private const string Path = "/api/me";
    private const string ClientAddress = "X-Forwarded-For";
    private const string ClientProtocol = "X-Forwarded-Proto";

    internal static async Task<VerificationResult> Run(VerificationTarget target, Probe probe, CancellationToken cancellationToken)
    {
        if (target.Address.Scheme == Uri.UriSchemeHttp) return new VerificationResult(CheckStatus.Skipped, "no proxy is in front of this address");

        var result = await CheckProtocol(probe, cancellationToken);
        if (result.Status != CheckStatus.Passed) return result;
        // A proxy on this machine sees the client on loopback, which Orion trusts by default.
        return await IsThisMachine(target.Address.Host, cancellationToken)
            ? new VerificationResult(CheckStatus.Passed, "the protocol; for the address run verify from another machine")
            : await CheckAddress(probe, cancellationToken);
    }

    /// <summary>Sends a request through the proxy that claims a protocol.</summary>
    internal static async Task<VerificationResult> CheckProtocol(Probe probe, CancellationToken cancellationToken)
    {
        var claimed = await Claim(probe, ClientProtocol, "https", cancellationToken);
        if (claimed.Code == "https_required")
        {
            return VerificationResult.Failed($"The proxy in front appends to a client's {ClientProtocol}, so that Orion reads https,https. "
                + $"Have it replace the header (nginx: proxy_set_header {ClientProtocol} $scheme;).");
        }

        return claimed.Status == 401 ? VerificationResult.Passed : VerificationResult.Failed($"{Path} returned {claimed} instead of 401.");
    }

    /// <summary>Sends a request through the proxy that claims an address.</summary>
    internal static async Task<VerificationResult> CheckAddress(Probe probe, CancellationToken cancellationToken)
    {
        var claimed = await Claim(probe, ClientAddress, RandomAddress(), cancellationToken);
        // Twice: the rate limit of the real address may just have been reset.
        if (IsFirstRequest(claimed)) claimed = await Claim(probe, ClientAddress, RandomAddress(), cancellationToken);
        if (claimed.Status != 401) return VerificationResult.Failed($"{Path} returned {claimed} instead of 401.");
        return IsFirstRequest(claimed)
            ? VerificationResult.Failed($"Orion trusts the {ClientAddress} that a client sends, so a client can choose its rate limit and its address in the log. "
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

    // The first request in its rate-limit window: the window is that of the forged address.
    private static bool IsFirstRequest(ProbeResponse response) => response.Status == 401 && response.RateLimit is { } limit && limit.Remaining == limit.Limit - 1;

    // In the network for documentation, each in its own /56, the unit of the rate limit.
    private static string RandomAddress() =>
        $"2001:db8:{RandomNumberGenerator.GetHexString(4, lowercase: true)}:{RandomNumberGenerator.GetHexString(2, lowercase: true)}00::1";
}
