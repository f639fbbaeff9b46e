namespace Orion.Cli.Verification;

/// <summary>Plain HTTP is refused where HTTPS is required. No token is sent.</summary>
internal static class PlainHttpCheck
{
    private const string Path = "/api/me";

    internal static Task<Finding> Run(VerificationTarget target, Probe probe, CancellationToken cancellationToken) =>
        target.Address.Scheme == Uri.UriSchemeHttps ? BesideHttps(target, probe, cancellationToken) : OnLoopback(target, probe, cancellationToken);

    // Asked where a browser would go that was told http: by somebody.
    private static async Task<Finding> BesideHttps(VerificationTarget target, Probe probe, CancellationToken cancellationToken)
    {
        var plain = new UriBuilder(target.Address) { Scheme = Uri.UriSchemeHttp, Port = target.Address.IsDefaultPort ? 80 : target.Address.Port, Path = Path };
        ProbeAnswer answer;
        try
        {
            answer = await probe.Get(plain.Uri.ToString(), null, cancellationToken);
        }
        catch (HttpRequestException)
        {
            return new Finding(Mark.Passed, "nothing answers there");
        }

        if (answer.Code == "https_required") return Finding.Passed;
        if (answer.Status is >= 300 and < 400 && answer.Header("Location")?.StartsWith("https://", StringComparison.OrdinalIgnoreCase) == true)
            return new Finding(Mark.Passed, "the proxy in front redirects to HTTPS");
        // How servers that speak TLS alone answer a plain request on their port.
        return answer.Status == 400 && !target.Address.IsDefaultPort
            ? new Finding(Mark.Passed, "the port speaks TLS alone")
            : Finding.Failed($"{plain.Uri} answered {answer}. Set REQUIRE_HTTPS=true, or close the port.");
    }

    private static async Task<Finding> OnLoopback(VerificationTarget target, Probe probe, CancellationToken cancellationToken)
    {
        var answer = await probe.Get(Path, null, cancellationToken);
        if (answer.Code == "https_required")
        {
            probe.SpeaksForProxy = true;
            return new Finding(Mark.Passed, "refused; the rest is asked as the proxy in front would");
        }

        return target.RequiresHttps == true
            ? Finding.Failed($"REQUIRE_HTTPS is true here, and plain HTTP was answered {answer}.")
            : new Finding(Mark.Passed, "HTTPS is not required here");
    }
}
