using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Orion.Cli.Reporting;

namespace Orion.Cli.Verification;

/// <summary>Explains why a request got no response, and what to change.</summary>
internal static class ConnectionFailure
{
    private const int MaxNames = 5;

    /// <summary>The cause in one or two sentences.</summary>
    /// <param name="exception">How the request ended.</param>
    /// <param name="address">Where it was sent.</param>
    /// <param name="proxy">The outgoing proxy that it was sent through; null without one.</param>
    /// <param name="certificateProblem">What is wrong with the server's certificate; null if it is not the reason.</param>
    internal static string Explain(HttpRequestException exception, Uri address, Uri? proxy, string? certificateProblem)
    {
        if (certificateProblem is not null) return certificateProblem;
        var isProxyReached = exception.HttpRequestError is not (
            HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError);
        if (proxy is not null && !isProxyReached)
        {
            return $"The outgoing proxy {proxy.Host}:{proxy.Port} of this machine's environment does not connect to {address.Host}. "
                + $"Correct HTTPS_PROXY or HTTP_PROXY, or set NO_PROXY={address.Host}.";
        }

        return exception.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => $"The name {address.Host} cannot be resolved. Correct the URL, or the name's DNS record.",
            HttpRequestError.ConnectionError when SocketErrorOf(exception) == SocketError.ConnectionRefused =>
                $"Nothing listens at {address.Host}:{address.Port}. Start Orion or the proxy in front of it, or correct the URL.",
            HttpRequestError.ConnectionError =>
                $"{address.Host}:{address.Port} cannot be reached ({SocketErrorOf(exception)}). Check the firewall and the network.",
            HttpRequestError.SecureConnectionError =>
                $"The TLS handshake with {address.Host}:{address.Port} failed. Check that this port speaks TLS, in version 1.2 or newer.",
            HttpRequestError.ResponseEnded =>
                $"{address.Host}:{address.Port} closed the connection without a response. Check that this port speaks {address.Scheme}.",
            _ => $"{address.Host}:{address.Port} sent no valid response ({exception.HttpRequestError}).",
        };
    }

    /// <summary>Why the certificate of a server is not accepted; null if it is.</summary>
    internal static string? ProblemOf(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, DateTimeOffset now)
    {
        if (errors == SslPolicyErrors.None) return null;
        if (certificate is null) return $"{host} sent no certificate.";

        var problems = new List<string>();
        var statuses = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) ?? X509ChainStatusFlags.NoError;
        if (certificate.NotAfter.ToUniversalTime() < now)
            problems.Add($"The certificate of {host} expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}. Renew it.");
        else if (certificate.NotBefore.ToUniversalTime() > now)
            problems.Add($"The certificate of {host} is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} on. Check this machine's clock.");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            problems.Add($"The certificate of {host} names {NamesOf(certificate)} instead. Install one for {host}, or use a name that it contains.");
        if ((statuses & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
        {
            problems.Add($"This machine does not trust the authority that issued the certificate of {host} ({Printable.Of(certificate.Issuer)}). "
                + "If the authority is your own, set SSL_CERT_FILE to its certificate; otherwise configure the server to send its intermediate certificates.");
        }

        if (problems.Count == 0) problems.Add($"The certificate of {host} is not accepted ({statuses}).");
        return string.Join(" ", problems);
    }

    /// <summary>The operating system's reason; null if it gives no reason.</summary>
    internal static SocketError? SocketErrorOf(Exception exception) => (exception.GetBaseException() as SocketException)?.SocketErrorCode;

    private static string NamesOf(X509Certificate2 certificate)
    {
        string[] names =
        [
            .. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(all => all.EnumerateDnsNames().Concat(all.EnumerateIPAddresses().Select(ip => ip.ToString()))),
        ];
        return names.Length == 0 ? "nothing" : Printable.Of(string.Join(", ", names.Take(MaxNames)));
    }
}
