using System.Net;
using Orion.Application.Replies;
using Orion.Application.Retention;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Configuration;

/// <summary>The checked settings.</summary>
public sealed record OrionSettings
{
    /// <summary>The port to listen on, if ASP.NET's own settings give no URLs.</summary>
    public required int Port { get; init; }

    /// <summary>How tokens are verified and minted.</summary>
    public required TokenSettings Tokens { get; init; }

    /// <summary>The owner: the only person who is on the allow-list by configuration.</summary>
    public required EmailAddress Owner { get; init; }

    /// <summary>The origins that a browser may call from, exactly as browsers send them.</summary>
    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    /// <summary>The rate limit.</summary>
    public required RateLimitSettings RateLimit { get; init; }

    /// <summary>The Redis server that the instances share rate limits through; null if each counts separately.</summary>
    public required RedisSettings? Redis { get; init; }

    /// <summary>The database.</summary>
    public required DatabaseSettings Database { get; init; }

    /// <summary>The full path of the folder with the embedded database and the generated secret; null if it is not needed.</summary>
    public required string? DataFolder { get; init; }

    /// <summary>The full path of the folder for backups; null if it is not set.</summary>
    public required string? BackupFolder { get; init; }

    /// <summary>Whether a request that did not arrive over HTTPS is rejected.</summary>
    public required bool RequireHttps { get; init; }

    /// <summary>The peers whose X-Forwarded-For and X-Forwarded-Proto are trusted.</summary>
    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    /// <summary>The maximum number of open connections.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>The model that writes replies; null if none is configured.</summary>
    public required ModelSettings? Model { get; init; }

    /// <summary>The limits of replies.</summary>
    public required ReplyLimits Replies { get; init; }

    /// <summary>How long sessions are kept.</summary>
    public required RetentionPolicy Retention { get; init; }

    /// <summary>Whether the health response shows the database's address, without credentials.</summary>
    public required bool HealthShowsDatabase { get; init; }

    /// <summary>Whether the OpenAPI document is served.</summary>
    public required bool ApiDocs { get; init; }

    /// <summary>Whether the Model Context Protocol is served over HTTP.</summary>
    public required bool Mcp { get; init; }

    /// <summary>All addresses that the service listens on, including that of the metrics.</summary>
    public required IReadOnlyList<ListenAddress> Listening { get; init; }

    /// <summary>The address that serves metrics; null if none does.</summary>
    public required IPEndPoint? Metrics { get; init; }
}

/// <summary>How tokens are verified and minted (RFC 7519).</summary>
public sealed record TokenSettings
{
    /// <summary>The shared secret: its UTF-8 bytes are the HMAC key. Empty if Development's own is missing and files are not created.</summary>
    public required string Secret { get; init; }

    /// <summary>The secret before a rotation. It verifies tokens, but never signs them.</summary>
    public required string? PreviousSecret { get; init; }

    /// <summary>The exact <c>iss</c>.</summary>
    public required string Issuer { get; init; }

    /// <summary>The exact <c>aud</c>.</summary>
    public required string Audience { get; init; }

    /// <summary>The maximum <c>exp - iat</c> of a user token.</summary>
    public required TimeSpan UserTokenMaxLifetime { get; init; }

    /// <summary>Keeps secrets out of logs.</summary>
    public override string ToString() => nameof(TokenSettings);
}

/// <summary>The rate limit. Each instance counts separately, unless they share a Redis server.</summary>
/// <param name="MaxRequests">The requests of a client address in a window.</param>
/// <param name="UserMaxRequests">The requests of an authorized user in a window.</param>
/// <param name="Window">The length of a window.</param>
public sealed record RateLimitSettings(int MaxRequests, int UserMaxRequests, TimeSpan Window);

/// <summary>A Redis server.</summary>
public sealed record RedisSettings
{
    /// <summary>The host name or IP address.</summary>
    public required string Host { get; init; }

    /// <summary>The port.</summary>
    public required int Port { get; init; }

    /// <summary>The user name; null for the default user.</summary>
    public required string? User { get; init; }

    /// <summary>The password; null for none.</summary>
    public required string? Password { get; init; }

    /// <summary>The number of the database.</summary>
    public required int Database { get; init; }

    /// <summary>Whether the connection uses TLS, with the server's certificate verified.</summary>
    public required bool UsesTls { get; init; }

    /// <summary>Keeps the password out of logs.</summary>
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>The model that writes replies.</summary>
public sealed record ModelSettings
{
    /// <summary>The base address of an OpenAI-compatible API; null for the built-in demonstration.</summary>
    public required Uri? Endpoint { get; init; }

    /// <summary>The key; null for none.</summary>
    public required string? ApiKey { get; init; }

    /// <summary>The names of the models; the first one is the default.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The longest silence of the model.</summary>
    public required TimeSpan StallTimeout { get; init; }

    /// <summary>Keeps the key out of logs.</summary>
    public override string ToString() => Endpoint?.ToString() ?? "the built-in demonstration";
}

/// <summary>The database systems.</summary>
public enum DatabaseProvider
{
    /// <summary>PostgreSQL, through Npgsql.</summary>
    PostgreSql,

    /// <summary>The embedded SQLite.</summary>
    Sqlite,
}

/// <summary>The database, and how to connect to it.</summary>
public sealed record DatabaseSettings
{
    /// <summary>The database system.</summary>
    public required DatabaseProvider Provider { get; init; }

    /// <summary>The connection string of ADO.NET, including the TLS mode and the pool size.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The connection string for migrations; null if they use the same role.</summary>
    public required string? MigrationConnectionString { get; init; }

    /// <summary>Whether pending migrations are applied at startup.</summary>
    public required bool MigrateOnStart { get; init; }

    /// <summary>The address without credentials: <c>postgresql://host:port/name</c> or <c>sqlite:PATH</c>.</summary>
    public required string Address { get; init; }

    /// <summary>The address of migrations and backups, without credentials: <see cref="Address"/> unless MIGRATION_DATABASE_URL is set.</summary>
    public required string MigrationAddress { get; init; }

    /// <summary>Whether the SQLite file did not exist when the settings were read, and was not created.</summary>
    public bool IsMissing { get; init; }

    /// <summary>The type of the network file system that the SQLite file is on; null if it is on none.</summary>
    public string? NetworkFileSystem { get; init; }

    /// <summary>Keeps credentials out of logs.</summary>
    public override string ToString() => Address;
}
