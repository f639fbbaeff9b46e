using System.Net.Sockets;

namespace Orion.Cli.Verification;

/// <summary>Plain HTTP is rejected if HTTPS is required. No token is sent.</summary>
internal static class PlainHttpCheck
{
    private const string Path = "/api/me";

    internal static Task<VerificationResult> Run(VerificationTarget target, Probe probe, CancellationToken cancellationToken) =>
        target.Address.Scheme == Uri.UriSchemeHttps ? OnHttpPort(target, probe, cancellationToken) : OnLoopback(target, probe, cancellationToken);

    // A browser that follows an http: link sends its request to this port.
    private static async Task<VerificationResult> OnHttpPort(VerificationTarget target, Probe probe, CancellationToken cancellationToken)
    {
        var port = target.Address.IsDefaultPort ? 80 : target.Address.Port;
        var plain = new UriBuilder(target.Address) { Scheme = Uri.UriSchemeHttp, Port = port, Path = Path }.Uri.ToString();
        ProbeResponse response, claimed;
        try
        {
            response = await probe.Get(plain, null, cancellationToken);
            // A client that claims that a proxy received its request over HTTPS.
            claimed = await probe.Get(plain, null, cancellationToken, ("X-Forwarded-Proto", "https"));
        }
        catch (HttpRequestException exception) when (ConnectionFailure.SocketErrorOf(exception) is SocketError.ConnectionRefused)
        {
            return new VerificationResult(CheckStatus.Passed, $"port {port} is closed");
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ResponseEnded
            || ConnectionFailure.SocketErrorOf(exception) is SocketError.ConnectionReset)
        {
            return new VerificationResult(CheckStatus.Passed, $"port {port} closes plain connections");
        }
        catch (Exception exception) when (exception is HttpRequestException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new VerificationResult(CheckStatus.Skipped, $"port {port} cannot be reached from here");
        }

        if (response.Code == "https_required")
        {
            return claimed.Code == "https_required"
                ? VerificationResult.Passed
                : VerificationResult.Failed($"{plain} was rejected, but returned {claimed} to a client that sent X-Forwarded-Proto: https. "
                    + "Have the proxy in front replace that header (nginx: proxy_set_header X-Forwarded-Proto $scheme;).");
        }

        if (response.Status is >= 300 and < 400 && response.Header("Location")?.StartsWith("https://", StringComparison.OrdinalIgnoreCase) == true)
            return new VerificationResult(CheckStatus.Passed, "the proxy in front redirects to HTTPS");
        // A server that accepts only TLS responds to a plain request with 400.
        return response.Status == 400 && !target.Address.IsDefaultPort
            ? new VerificationResult(CheckStatus.Passed, $"port {port} accepts only TLS")
            : VerificationResult.Failed($"{plain} returned {response}. Set REQUIRE_HTTPS=true, or close the port.");
    }

    private static async Task<VerificationResult> OnLoopback(VerificationTarget target, Probe probe, CancellationToken cancellationToken)
    {
        var response = await probe.Get(Path, null, cancellationToken);
        if (response.Code == "https_required")
        {
            probe.ActsAsProxy = true;
            return new VerificationResult(CheckStatus.Passed, "rejected; the other checks send X-Forwarded-Proto as the proxy in front does");
        }

        return target.RequiresHttps == true
            ? VerificationResult.Failed($"REQUIRE_HTTPS is true in the settings here, but plain HTTP returned {response}. Start the service again with these settings.")
            : new VerificationResult(CheckStatus.Passed, "HTTPS is not required here");
    }
}
