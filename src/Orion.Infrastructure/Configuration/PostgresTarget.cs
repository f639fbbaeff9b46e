using System.Globalization;
using Npgsql;

namespace Orion.Infrastructure.Configuration;

/// <summary>A PostgreSQL database, from a URL or from separate settings.</summary>
internal sealed record PostgresTarget
{
    public const int DefaultPort = 5432;

    /// <summary>The servers: one, or those of a cluster, of which Orion works on the one that can be written.</summary>
    public required IReadOnlyList<PostgresHost> Hosts { get; init; }

    public required string Name { get; init; }

    public required string User { get; init; }

    public string? Password { get; init; }

    /// <summary>The given TLS mode; null if none was given. See <see cref="EffectiveSslMode"/>.</summary>
    public SslMode? SslMode { get; init; }

    /// <summary>The full path of the certificate authorities to trust; null for those of the system.</summary>
    public string? RootCertificate { get; init; }

    public string ApplicationName { get; init; } = "orion";

    /// <summary>
    /// The timeout of a connection, in seconds. In Npgsql it also limits the wait for a pooled connection, which may take longer than opening
    /// one. The health check notices an unavailable database sooner. In a cluster it applies to each server, one after the other: by default,
    /// a request waits less for one that does not respond.
    /// </summary>
    public int? ConnectTimeout { get; init; }

    public ChannelBinding? ChannelBinding { get; init; }

    /// <summary>Whether the host is a Unix socket: the folder of one, or with an at sign an abstract one of Linux.</summary>
    public bool IsSocket => IsSocketHost(Hosts[0].Name);

    /// <summary>Whether the connection never leaves this machine.</summary>
    public bool IsLocal => Hosts.All(host => IsLocalHost(host.Name));

    /// <summary>
    /// The given TLS mode, or one that depends on the host, because Npgsql's own default falls back to plain text and verifies no certificate.
    /// As in libpq, <c>require</c> with root certificates verifies against them.
    /// </summary>
    public SslMode EffectiveSslMode => SslMode switch
    {
        null => IsLocal ? Npgsql.SslMode.Disable : Npgsql.SslMode.VerifyFull,
        Npgsql.SslMode.Require when RootCertificate is not null => Npgsql.SslMode.VerifyCA,
        { } given => given,
    };

    /// <summary>The address without credentials.</summary>
    public string Address
    {
        get
        {
            var hosts = IsSocket ? $"{Uri.EscapeDataString(Hosts[0].Name)}:{Hosts[0].Port}" : string.Join(',', Hosts);
            return $"postgresql://{hosts}/{Uri.EscapeDataString(Name)}";
        }
    }

    /// <summary>The servers of a connection string.</summary>
    public static IReadOnlyList<PostgresHost> HostsOf(NpgsqlConnectionStringBuilder connection)
    {
        var hosts = (connection.Host ?? "").Split(',');
        return hosts.Length == 1 ? [new(hosts[0], connection.Port)] : [.. hosts.Select(PostgresHost.Parse)];
    }

    /// <summary>Whether a connection to a host never leaves this machine.</summary>
    public static bool IsLocalHost(string host) => IsSocketHost(host) || Loopback.IsHost(host);

    /// <summary>The TLS mode for an sslmode of libpq; null for an unknown value.</summary>
    public static SslMode? ReadSslMode(string text) => text.ToUpperInvariant() switch
    {
        "DISABLE" => Npgsql.SslMode.Disable,
        "ALLOW" => Npgsql.SslMode.Allow,
        "PREFER" => Npgsql.SslMode.Prefer,
        "REQUIRE" => Npgsql.SslMode.Require,
        "VERIFY-CA" => Npgsql.SslMode.VerifyCA,
        "VERIFY-FULL" => Npgsql.SslMode.VerifyFull,
        _ => null,
    };

    /// <summary>The connection string of Npgsql.</summary>
    /// <param name="poolSize">The maximum number of connections.</param>
    /// <param name="prepared">
    /// Whether statements are prepared. Must be false behind a pooler that may run each transaction on another connection.
    /// </param>
    public string ToConnectionString(int poolSize, bool prepared)
    {
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = Hosts.Count == 1 ? Hosts[0].Name : string.Join(',', Hosts),
            Port = Hosts[0].Port,
            // After a failover, a server is asked again after a second. ClusterConnections has its own rule.
            HostRecheckSeconds = 1,
            Database = Name,
            Username = User,
            Password = Password,
            SslMode = EffectiveSslMode,
            // Otherwise each connection begins with an additional round trip for the encryption of Kerberos.
            GssEncryptionMode = GssEncryptionMode.Disable,
            ApplicationName = ApplicationName,
            MaxPoolSize = poolSize,
            MaxAutoPrepare = prepared ? 100 : 0,
            AutoPrepareMinUsages = 2,
            // Orion leaves no session state behind (SET LOCAL ends with its transaction), so there is nothing to reset.
            NoResetOnClose = true,
            Timeout = ConnectTimeout ?? (Hosts.Count == 1 ? 15 : 3),
            CommandTimeout = 30,
            CancellationTimeout = 1000,
            KeepAlive = 0,
            // Detects an idle connection that a load balancer or firewall has dropped within 14 s: Linux sends 9 probes. Load balancers and
            // firewalls drop idle connections after 240 s or more.
            TcpKeepAlive = true,
            TcpKeepAliveTime = 5,
            TcpKeepAliveInterval = 1,
            ConnectionIdleLifetime = 180,
            IncludeErrorDetail = false,
            PersistSecurityInfo = false,
        };
        if (RootCertificate is not null) builder.RootCertificate = RootCertificate;
        if (ChannelBinding is { } binding) builder.ChannelBinding = binding;
        return builder.ConnectionString;
    }

    /// <summary>The <see cref="Address"/> of a connection string.</summary>
    internal static string AddressOf(NpgsqlConnectionStringBuilder target) =>
        new PostgresTarget { Hosts = HostsOf(target), Name = target.Database ?? "", User = "" }.Address;

    /// <summary>Keeps the password out of logs.</summary>
    public override string ToString() => Address;

    private static bool IsSocketHost(string host) => host.StartsWith('/') || host.StartsWith('@');
}

/// <summary>A PostgreSQL server.</summary>
/// <param name="Name">The host name or IP address, or the folder of a Unix socket.</param>
/// <param name="Port">The port.</param>
internal sealed record PostgresHost(string Name, int Port)
{
    /// <summary>Parses the text form of a host with a port.</summary>
    public static PostgresHost Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return new PostgresHost(text[..colon].Trim('[', ']'), int.Parse(text[(colon + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>The host with its port, an IPv6 address in brackets.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Name.Contains(':', StringComparison.Ordinal) ? $"[{Name}]" : Name)}:{Port}");
}
