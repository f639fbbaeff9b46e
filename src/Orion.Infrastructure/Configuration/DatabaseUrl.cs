using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Npgsql;

namespace Orion.Infrastructure.Configuration;

/// <summary>
/// Parses <c>postgresql://user:password@host:port/name?parameters</c> (PostgreSQL's documentation, "Connection URIs").
/// <see cref="Uri"/> does not support sockets, changes the case of letters, and accepts characters that must be percent-encoded.
/// </summary>
internal static class DatabaseUrl
{
    private const string System = "system";
    private const string BadPercent = "has a % that is not followed by two hex digits of a character";

    // PostgreSQL truncates longer names.
    private const int MaxNameLength = 63;

    private const string Form = "Write postgresql://user:password@host:port/name, with special characters in each part " +
        "percent-encoded (@ is %40, / is %2F, ? is %3F, # is %23, % is %25).";

    /// <summary>Whether a value has the scheme of a PostgreSQL URL.</summary>
    public static bool IsPostgres(string text) =>
        text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase) ||
        text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase);

    /// <summary>The database of a URL, or the error in the URL.</summary>
    public static (PostgresTarget? Target, SettingError? Error) Read(string url, string workingDirectory)
    {
        var rest = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        if (rest.Contains('#', StringComparison.Ordinal)) return Invalid("contains a #");
        if (rest.Any(c => c <= ' ' || c == '\x7f')) return Invalid("contains a space or a control character");

        var (beforeQuery, query) = SplitAt(rest, '?');
        var (authority, path) = SplitAt(beforeQuery, '/');
        var at = authority.LastIndexOf('@');
        var (user, password) = SplitAt(at < 0 ? "" : authority[..at], ':');
        if (Decode(user) is not { } userName || Decode(password ?? "") is not { } decodedPassword || Decode(path ?? "") is not { } name)
            return Invalid(BadPercent);

        var hosts = new List<PostgresHost>();
        foreach (var text in authority[(at + 1)..].Split(','))
        {
            var (host, hostError) = ReadHost(text);
            if (host is null) return Invalid(hostError!);
            hosts.Add(host);
        }

        var target = new PostgresTarget
        {
            Hosts = hosts,
            Name = name,
            User = userName,
            Password = password is null ? null : decodedPassword,
        };
        // Before the parameters: if a password contains an unencoded ?, the rest of it looks like parameters and the user is missing.
        if (target.User.Length == 0) return Invalid("has no user");
        if (query is not null)
        {
            var (withParameters, error) = ReadParameters(target, query, workingDirectory);
            if (withParameters is null) return (null, error);
            target = withParameters;
        }

        if (target.Name.Length == 0 || path!.Contains('/', StringComparison.Ordinal))
            return Invalid("has no database, or a slash in its name");
        if (target.Hosts.Count > 1 && target.Hosts.Any(host => host.Name is "" or ['/' or '@', ..]))
            return Invalid("has a list of hosts with an empty one or a socket");
        foreach (var host in target.Hosts)
        {
            if (CheckHost(host.Name) is { } error) return (null, error);
        }

        return (target, null);
    }

    private static (PostgresHost? Host, string? Error) ReadHost(string text)
    {
        var (host, port) = SplitPort(text);
        var hasBrackets = text.EndsWith(']') || text.Contains("]:", StringComparison.Ordinal);
        if (host.Count(c => c == ':') > 1 && !hasBrackets) return (null, "has more than one colon after the user (an IPv6 address needs brackets)");
        if (Decode(host) is not { } name) return (null, BadPercent);
        var number = PostgresTarget.DefaultPort;
        if (port is { Length: > 0 } && !NumberRange.Port.TryParse(port, out number)) return (null, $"has a port that is not a number from {NumberRange.Port}");
        return (new PostgresHost(name, number), null);
    }

    /// <summary>The error in a host; null if it is valid.</summary>
    public static SettingError? CheckHost(string host)
    {
        const string Fix = "Name one host: a host name, an IPv4 or IPv6 address, or the folder of a Unix socket.";
        if (host.Length == 0) return new("has no host", Fix);
        if (host[0] is '/' or '@') return host.Contains(',', StringComparison.Ordinal) ? new("has more than one host", Fix) : null;
        if (host.Contains(',', StringComparison.Ordinal)) return new("has more than one host", Fix);
        var isName = host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        return isName || IsIPv6(host) ? null : new("has a malformed host", Fix);
    }

    private static (PostgresTarget? Target, SettingError? Error) ReadParameters(PostgresTarget target, string query, string workingDirectory)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (rawName, rawValue) = SplitAt(parameter, '=');
            if (rawValue is null || Decode(rawName) is not { } name || Decode(rawValue) is not { } value)
                return Invalid("has something after its ? that is not a parameter");
            if (!seen.Add(name)) return Invalid("has a duplicate parameter");

            var (next, error) = Apply(target, name, value, workingDirectory);
            if (next is null) return (null, error);
            target = next;
        }

        return !seen.Contains("sslrootcert") || target.RootCertificate is not null ? (target, null) : TrustSystem(target);
    }

    /// <summary>The target with the certificate authorities of a file or of the system, or the error in the file.</summary>
    public static (PostgresTarget? Target, SettingError? Error) Trust(PostgresTarget target, string root, string workingDirectory)
    {
        if (root == System) return TrustSystem(target);
        var path = Path.GetFullPath(root, workingDirectory);
        // A relative path without a file may be a secret in the wrong variable. It is not repeated.
        var shown = Path.IsPathFullyQualified(root) || File.Exists(path) ? path : $"in {workingDirectory}";
        return CheckCertificate(path, shown) is { } certificateError ? (null, certificateError) : (target with { RootCertificate = path }, null);
    }

    // As in libpq: without full verification, `system` would accept every certificate of a public authority for any host.
    private static (PostgresTarget? Target, SettingError? Error) TrustSystem(PostgresTarget target) => target.SslMode is null or SslMode.VerifyFull
        ? (target with { SslMode = SslMode.VerifyFull }, null)
        : (null, new("has the root certificate `system` with a weaker sslmode", "Set sslmode=verify-full with it."));

    private static (PostgresTarget? Target, SettingError? Error) Apply(PostgresTarget target, string name, string value, string workingDirectory)
    {
        switch (name)
        {
            case "sslmode":
                return PostgresTarget.ReadSslMode(value) is { } mode
                    ? (target with { SslMode = mode }, null)
                    : (null, new("has an sslmode that libpq does not support", "Set it to disable, require, verify-ca or verify-full."));
            // Checked later, when the sslmode is known.
            case "sslrootcert" when value == System:
                return (target, null);
            case "sslrootcert":
                return Trust(target, value, workingDirectory);
            case "application_name" when value.Length is > 0 and <= MaxNameLength:
                return (target with { ApplicationName = value }, null);
            case "connect_timeout" when NumberRange.ConnectTimeout.TryParse(value, out var seconds):
                return (target with { ConnectTimeout = seconds }, null);
            case "channel_binding" when ReadBinding(value) is { } binding:
                return (target with { ChannelBinding = binding }, null);
            // Orion always works on the server that can be written, which may be the only one.
            case "target_session_attrs" when value is "primary" or "read-write":
                return (target, null);
            case "host" when target.Hosts is [{ Name: "" } unnamed]:
                return (target with { Hosts = [unnamed with { Name = value }] }, null);
            case "application_name" or "connect_timeout" or "channel_binding" or "host" or "target_session_attrs":
                return (null, new(
                    $"has an invalid {name}",
                    $"connect_timeout is {NumberRange.ConnectTimeout}, channel_binding is disable, prefer or require, " +
                    $"application_name has 1 to {MaxNameLength} characters, target_session_attrs is primary or read-write, and host is a single one."));
            default:
                return (null, DatabaseUrlParameters.Unknown(name));
        }
    }

    private static SettingError? CheckCertificate(string path, string shown)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificateFromFile(path);
            return null;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return new($"names a root certificate, {shown}, that cannot be read",
                "Name a PEM file that the account Orion runs as can read.");
        }
    }

    private static bool IsIPv6(string host) =>
        host.Contains(':', StringComparison.Ordinal) && host.IndexOfAny(['[', ']']) < 0 && IPAddress.TryParse(host, out _);

    private static ChannelBinding? ReadBinding(string value) => value switch
    {
        "disable" => ChannelBinding.Disable,
        "prefer" => ChannelBinding.Prefer,
        "require" => ChannelBinding.Require,
        _ => null,
    };

    private static (string Host, string? Port) SplitPort(string text)
    {
        if (!text.StartsWith('[')) return text.Count(c => c == ':') > 1 ? (text, null) : SplitAt(text, ':');
        var end = text.IndexOf(']', StringComparison.Ordinal);
        if (end < 0) return (text, null);
        var after = text[(end + 1)..];
        return after.Length == 0 || after[0] == ':' ? (text[1..end], after.Length == 0 ? null : after[1..]) : (text, null);
    }

    private static (string Before, string? After) SplitAt(string text, char separator) =>
        text.IndexOf(separator, StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);

    /// <summary>Percent-decodes UTF-8. Null for a stray percent sign, for invalid UTF-8, and for NUL. A plus sign is not decoded.</summary>
    internal static string? Decode(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                // A surrogate pair is one character.
                var length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(i, length)));
                i += length - 1;
                continue;
            }

            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])) return null;
            bytes.Add(Convert.FromHexString(text.AsSpan(i + 1, 2))[0]);
            i += 2;
        }

        try
        {
            return bytes.Contains(0) ? null : new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static (PostgresTarget? Target, SettingError? Error) Invalid(string what) => (null, new(what, Form));
}
