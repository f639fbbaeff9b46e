using Npgsql;

namespace Orion.Infrastructure.Configuration;

/// <summary>A PostgreSQL database as an operator names it, by a URL or in parts.</summary>
internal sealed record PostgresTarget
{
    public required string Host { get; init; }

    public int Port { get; init; } = 5432;

    public required string Name { get; init; }

    public required string User { get; init; }

    public string? Password { get; init; }

    /// <summary>How TLS is used; null where nothing was said, see <see cref="EffectiveSslMode"/>.</summary>
    public SslMode? SslMode { get; init; }

    /// <summary>The full path of the certificates to trust; null trusts the system's.</summary>
    public string? RootCertificate { get; init; }

    public string ApplicationName { get; init; } = "orion";

    /// <summary>
    /// How long connecting may take, in seconds. Npgsql bounds the wait for a pooled connection by it, too, which is longer than a
    /// connection takes to make; a database that does not answer is noticed from outside.
    /// </summary>
    public int ConnectTimeout { get; init; } = 15;

    public ChannelBinding? ChannelBinding { get; init; }

    /// <summary>A host that starts with a slash is the folder of a socket, one with an at-sign Linux's abstract kind.</summary>
    public bool IsSocket => Host.StartsWith('/') || Host.StartsWith('@');

    /// <summary>Whether the connection never leaves this machine.</summary>
    public bool IsLocal => IsSocket || Loopback.IsHost(Host);

    /// <summary>
    /// What was said, or by host: Npgsql's own default falls back to plain text and checks no certificate. As in libpq, <c>require</c>
    /// with root certificates checks against them.
    /// </summary>
    public SslMode EffectiveSslMode => SslMode switch
    {
        null => IsLocal ? Npgsql.SslMode.Disable : Npgsql.SslMode.VerifyFull,
        Npgsql.SslMode.Require when RootCertificate is not null => Npgsql.SslMode.VerifyCA,
        { } said => said,
    };

    /// <summary>The address without credentials.</summary>
    public string Address
    {
        get
        {
            var host = IsSocket ? Uri.EscapeDataString(Host) : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
            return $"postgresql://{host}:{Port}/{Uri.EscapeDataString(Name)}";
        }
    }

    /// <summary>The mode that a libpq word names, or null.</summary>
    public static SslMode? ReadSslMode(string word) => word.ToUpperInvariant() switch
    {
        "DISABLE" => Npgsql.SslMode.Disable,
        "ALLOW" => Npgsql.SslMode.Allow,
        "PREFER" => Npgsql.SslMode.Prefer,
        "REQUIRE" => Npgsql.SslMode.Require,
        "VERIFY-CA" => Npgsql.SslMode.VerifyCA,
        "VERIFY-FULL" => Npgsql.SslMode.VerifyFull,
        _ => null,
    };

    /// <summary>The connection string in Npgsql's form.</summary>
    /// <param name="poolSize">How many connections at most.</param>
    /// <param name="prepared">False where a pooler hands each transaction another server connection: then nothing may live on one.</param>
    public string ToConnectionString(int poolSize, bool prepared)
    {
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = Port,
            Database = Name,
            Username = User,
            Password = Password,
            SslMode = EffectiveSslMode,
            // Kerberos' own encryption would be tried first, in a round trip that nobody asked for.
            GssEncryptionMode = GssEncryptionMode.Disable,
            ApplicationName = ApplicationName,
            MaxPoolSize = poolSize,
            MaxAutoPrepare = prepared ? 100 : 0,
            AutoPrepareMinUsages = 2,
            // Nothing of Orion's leans on a session's state (SET LOCAL ends with its transaction), so that nothing has to be taken back.
            NoResetOnClose = true,
            Timeout = ConnectTimeout,
            CommandTimeout = 30,
            CancellationTimeout = 1000,
            KeepAlive = 0,
            // A connection that a balancer or firewall has dropped is noticed within 75 s (Linux gives up after 9 questions), and those
            // between drop idle ones from 240 s on.
            TcpKeepAlive = true,
            TcpKeepAliveTime = 30,
            TcpKeepAliveInterval = 5,
            ConnectionIdleLifetime = 180,
            IncludeErrorDetail = false,
            PersistSecurityInfo = false,
        };
        if (RootCertificate is not null) builder.RootCertificate = RootCertificate;
        if (ChannelBinding is { } binding) builder.ChannelBinding = binding;
        return builder.ConnectionString;
    }

    /// <summary>The name of what is secret stays out of logs, also when somebody prints the record.</summary>
    public override string ToString() => Address;
}
