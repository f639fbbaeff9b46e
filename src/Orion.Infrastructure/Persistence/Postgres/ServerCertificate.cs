using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Finds out why the driver rejected a server's certificate, with a handshake that accepts no certificate and sends no credentials. It does
/// not influence the driver's decision.
/// </summary>
internal static class ServerCertificate
{
    private const int TimeoutMilliseconds = 2000;
    private const int MaxNamesLength = 200;

    // SSLRequest of PostgreSQL's protocol: the length, and 80877103.
    private static readonly byte[] TlsRequest = [0, 0, 0, 8, 4, 210, 22, 47];

    /// <summary>The problem with the certificate; null if there is none, or if it cannot be retrieved.</summary>
    internal static DatabaseFailure? Examine(NpgsqlConnectionStringBuilder target)
    {
        if (target is not { Host: { Length: > 0 } host, SslMode: SslMode.VerifyCA or SslMode.VerifyFull } || host[0] is '/' or '@') return null;
        return PostgresTarget.HostsOf(target).Select(server => Examine(server, target)).FirstOrDefault(failure => failure is not null);
    }

    private static DatabaseFailure? Examine(PostgresHost server, NpgsqlConnectionStringBuilder target)
    {
        var host = server.Name;
        DatabaseFailure? failure = null;
        try
        {
            using var client = new TcpClient { ReceiveTimeout = TimeoutMilliseconds, SendTimeout = TimeoutMilliseconds };
            if (!client.ConnectAsync(host, server.Port).Wait(TimeoutMilliseconds)) return null;
            var stream = client.GetStream();
            stream.Write(TlsRequest);
            if (stream.ReadByte() != 'S') return null;
            using var tls = new SslStream(stream, leaveInnerStreamOpen: false, (_, certificate, chain, _) =>
            {
                if (certificate is not null) failure = FindProblem(new X509Certificate2(certificate), chain, host, target);
                return false;
            });
            tls.AuthenticateAsClient(host);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or SocketException or AggregateException or CryptographicException)
        {
            // Expected: the callback rejects every certificate.
        }

        return failure;
    }

    private static DatabaseFailure? FindProblem(X509Certificate2 certificate, X509Chain? sent, string host, NpgsqlConnectionStringBuilder target)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var (from, until) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        if (now > until) return new($"The server's certificate has expired ({Day(until)})", "Renew it on the server.");
        if (now < from)
            return new($"The server's certificate is not valid before {Day(from)}", "Check the clocks of both machines, and the certificate.");
        if (!IsTrusted(certificate, sent, target.RootCertificate))
        {
            return new(
                "The server's certificate is signed by an authority that this machine does not trust",
                target.RootCertificate is { } file
                    ? $"{file} (sslrootcert, DB_SSL_ROOT_CERT) contains other authorities. Add the server's authority to it."
                    : "Name the authority's certificate: sslrootcert=/path/ca.pem in the URL, or DB_SSL_ROOT_CERT with DB_HOST.");
        }

        return target.SslMode == SslMode.VerifyFull && !certificate.MatchesHostname(host)
            ? new(
                $"The server's certificate is for {Names(certificate)}, and not for {host}",
                "Use the name that is in the certificate, or get a certificate for this name.")
            : null;
    }

    private static bool IsTrusted(X509Certificate2 certificate, X509Chain? sent, string? rootFile)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (sent is not null) chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        if (rootFile is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(rootFile);
        }

        return chain.Build(certificate);
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
            .ToList();
        var text = names.Count > 0 ? string.Join(", ", names) : certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        // The server is not authenticated, so its text is sanitized.
        return string.Concat(text.Where(c => c is >= ' ' and <= '~').Take(MaxNamesLength));
    }

    private static string Day(DateTime instant) => instant.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
