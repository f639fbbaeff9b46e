using System.Security.Cryptography;

namespace Orion.Cli.Verification;

/// <summary>The proxy in front decides what Orion believes of a client, not the client.</summary>
internal static class ProxyCheck
{
    private const string Path = "/api/me";
    private const string ClientAddress = "X-Forwarded-For";
    private const string ClientProtocol = "X-Forwarded-Proto";

    internal static Task<Finding> Run(VerificationTarget target, Probe probe, CancellationToken cancellationToken) =>
        target.Address.Scheme == Uri.UriSchemeHttps
            ? Examine(probe, cancellationToken)
            : Task.FromResult(new Finding(Mark.Skipped, "no proxy is in front of this address"));

    /// <summary>Asks through the proxy, as a client that claims something.</summary>
    internal static async Task<Finding> Examine(Probe probe, CancellationToken cancellationToken)
    {
        var claimed = await Claim(ClientProtocol, "https");
        if (claimed.Code == "https_required")
        {
            return Finding.Failed($"The proxy in front appends to a client's {ClientProtocol}, so that Orion reads https,https. "
                + $"Have it replace the header (nginx: proxy_set_header {ClientProtocol} $scheme;).");
        }

        // Twice, because the budget of the real address may have been renewed in between.
        if (claimed.Status == 401) claimed = await Claim(ClientAddress, SomeAddress());
        if (IsUntouched(claimed)) claimed = await Claim(ClientAddress, SomeAddress());
        if (claimed.Status != 401) return Finding.Failed($"{Path} answered {claimed} instead of 401.");
        return IsUntouched(claimed)
            ? Finding.Failed($"Orion believes a client's own {ClientAddress}, so that a client chooses its rate-limit budget and its address in the log. "
                + $"Name only proxies in TRUSTED_PROXIES, and have the proxy in front append the address of its client "
                + $"(nginx: proxy_set_header {ClientAddress} $proxy_add_x_forwarded_for;).")
            : Finding.Passed;

        Task<ProbeAnswer> Claim(string header, string value) => probe.Get(Path, null, cancellationToken, (header, value));
    }

    // Nothing was drawn on the budget before: it belongs to the address that the client made up.
    private static bool IsUntouched(ProbeAnswer answer) => answer.Status == 401 && answer.Budget is { } budget && budget.Left == budget.Size - 1;

    // Of the network for documentation, in a /56 of its own, which is what has a budget.
    private static string SomeAddress() =>
        $"2001:db8:{RandomNumberGenerator.GetHexString(4, lowercase: true)}:{RandomNumberGenerator.GetHexString(2, lowercase: true)}00::1";
}
