using System.Globalization;
using Npgsql;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Connection parameters for PostgreSQL's own programs, as environment variables: other accounts can see a command line.</summary>
internal static class LibpqEnvironment
{
    // libpq finds the system's certificates only since version 16, and .NET does not expose their location.
    private static readonly string[] SystemCertificates =
        ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

    /// <summary>The variables; null removes one.</summary>
    internal static Dictionary<string, string?> Of(NpgsqlConnectionStringBuilder to)
    {
        var variables = new Dictionary<string, string?>
        {
            ["PGHOST"] = to.Host,
            ["PGPORT"] = to.Port.ToString(CultureInfo.InvariantCulture),
            ["PGDATABASE"] = to.Database,
            ["PGUSER"] = to.Username,
            ["PGAPPNAME"] = "orion backup",
            ["PGSSLMODE"] = NameOf(to.SslMode),
            ["PGGSSENCMODE"] = "disable",
            ["PGCONNECT_TIMEOUT"] = to.Timeout.ToString(CultureInfo.InvariantCulture),
            // Both would override the variables above.
            ["PGSERVICE"] = null,
            ["PGHOSTADDR"] = null,
        };
        // Without a password, libpq reads PGPASSWORD, PGPASSFILE and ~/.pgpass, as Npgsql does.
        if (to.Password is { Length: > 0 } password) variables["PGPASSWORD"] = password;
        if (to.ChannelBinding != ChannelBinding.Prefer) variables["PGCHANNELBINDING"] = to.ChannelBinding.ToString().ToLowerInvariant();
        if (to.RootCertificate is { } root) variables["PGSSLROOTCERT"] = root;
        else if (to.SslMode is SslMode.VerifyCA or SslMode.VerifyFull)
            variables["PGSSLROOTCERT"] = SystemCertificates.FirstOrDefault(File.Exists) ?? "system";
        return variables;
    }

    private static string NameOf(SslMode mode) => mode switch
    {
        SslMode.Disable => "disable",
        SslMode.Allow => "allow",
        SslMode.Prefer => "prefer",
        SslMode.Require => "require",
        SslMode.VerifyCA => "verify-ca",
        _ => "verify-full",
    };
}
