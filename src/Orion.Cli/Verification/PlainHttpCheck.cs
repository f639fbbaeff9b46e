using System.Net.Sockets;

namespace Orion.Cli.Verification;

/// <summary>Plain HTTP is refused where HTTPS is required. No token is sent.</summary>
internal static class PlainHttpCheck
{
    private const string Path = "/api/me";

    internal static Task<VerificationResult> Run(VerificationTarget target, Probe probe, CancellationToken cancellationToken) =>
        target.Address.Scheme == Uri.UriSchemeHttps ? BesideHttps(target, probe, cancellationToken) : OnLoopback(target, probe, cancellationToken);

    // Asked where a browser goes that follows an http: link.
    private static async Task<VerificationResult> BesideHttps(VerificationTarget target, Probe probe, CancellationToken cancellationToken)
    {
        var port = target.Address.IsDefaultPort ? 80 : target.Address.Port;
        var plain = new UriBuilder(target.Address) { Scheme = Uri.UriSchemeHttp, Port = port, Path = Path }.Uri.ToString();
        ProbeResponse answer, claimed;
        try
        {
            answer = await probe.Get(plain, null, cancellationToken);
            // A client that says by itself that a proxy took it in over HTTPS.
            claimed = await probe.Get(plain, null, cancellationToken, ("X-Forwarded-Proto", "https"));
        }
        catch (HttpRequestException exception) when (ConnectionFailure.SocketErrorOf(exception) is SocketError.ConnectionRefused)
        {
            return new VerificationResult(Mark.Passed, $"port {port} is closed");
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ResponseEnded
            || ConnectionFailure.SocketErrorOf(exception) is SocketError.ConnectionReset)
        {
            return new VerificationResult(Mark.Passed, $"port {port} closes plain connections");
        }
        catch (Exception exception) when (exception is HttpRequestException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new VerificationResult(Mark.Skipped, $"port {port} cannot be reached from here");
        }

        if (answer.Code == "https_required")
        {
            return claimed.Code == "https_required"
                ? VerificationResult.Passed
                : VerificationResult.Failed($"{plain} was refused, but answered {claimed} to a client that sent X-Forwarded-Proto: https. "
                    + "Have the proxy in front replace that header (nginx: proxy_set_header X-Forwarded-Proto $scheme;).");
        }

        if (answer.Status is >= 300 and < 400 && answer.Header("Location")?.StartsWith("https://", StringComparison.OrdinalIgnoreCase) == true)
            return new VerificationResult(Mark.Passed, "the proxy in front redirects to HTTPS");
        // How a server that only speaks TLS answers a plain request on its port.
        return answer.Status == 400 && !target.Address.IsDefaultPort
            ? new VerificationResult(Mark.Passed, $"port {port} only speaks TLS")
            : VerificationResult.Failed($"{plain} answered {answer}. Set REQUIRE_HTTPS=true, or close the port.");
    }

    private static async Task<VerificationResult> OnLoopback(VerificationTarget target, Probe probe, CancellationToken cancellationToken)
    {
        var answer = await probe.Get(Path, null, cancellationToken);
        if (answer.Code == "https_required")
        {
            probe.SpeaksForProxy = true;
            return new VerificationResult(Mark.Passed, "refused; the other checks ask as the proxy in front would");
        }

        return target.RequiresHttps == true
            ? VerificationResult.Failed($"REQUIRE_HTTPS is true in the settings here, but plain HTTP was answered {answer}. Start the service again with these settings.")
            : new VerificationResult(Mark.Passed, "HTTPS is not required here");
    }
}
