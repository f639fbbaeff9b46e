using System.Net;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Configuration;

/// <summary>All that an operator has set, checked: no part of it is first found to be wrong by a request.</summary>
public sealed record OrionSettings
{
    /// <summary>The port to listen on, where no URLs are given in ASP.NET's way.</summary>
    public required int Port { get; init; }

    /// <summary>How tokens are verified and minted.</summary>
    public required TokenSettings Tokens { get; init; }

    /// <summary>The owner: the one person who is on the allow-list by configuration.</summary>
    public required EmailAddress Owner { get; init; }

    /// <summary>The origins that a browser may call from, exactly as browsers send them.</summary>
    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    /// <summary>How many requests pass in a window.</summary>
    public required RateLimitSettings RateLimit { get; init; }

    /// <summary>Where the data is.</summary>
    public required DatabaseSettings Database { get; init; }

    /// <summary>The full path of the folder with the embedded database and the generated secret; null where nothing needs one.</summary>
    public required string? DataFolder { get; init; }

    /// <summary>The full path of the folder of the backups; null where none is named.</summary>
    public required string? BackupFolder { get; init; }

    /// <summary>Whether a request that did not arrive over HTTPS is refused.</summary>
    public required bool RequireHttps { get; init; }

    /// <summary>The peers whose X-Forwarded-For and X-Forwarded-Proto count.</summary>
    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    /// <summary>How many connections may be open at once.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>Whether the health answer names the database's address, without credentials.</summary>
    public required bool HealthShowsDatabase { get; init; }

    /// <summary>Whether the OpenAPI document is served.</summary>
    public required bool ApiDocs { get; init; }

    /// <summary>Every address that the service opens, the metrics' own included.</summary>
    public required IReadOnlyList<ListenAddress> Listening { get; init; }

    /// <summary>Where metrics are served; null where they are not.</summary>
    public required IPEndPoint? Metrics { get; init; }
}

/// <summary>How tokens are verified and minted (RFC 7519).</summary>
public sealed record TokenSettings
{
    /// <summary>The shared secret: its UTF-8 bytes are the HMAC key. Empty where no file may be made and Development's own is missing.</summary>
    public required string Secret { get; init; }

    /// <summary>The secret before a rotation: still verified, never signs.</summary>
    public required string? PreviousSecret { get; init; }

    /// <summary>The exact <c>iss</c>.</summary>
    public required string Issuer { get; init; }

    /// <summary>The exact <c>aud</c>.</summary>
    public required string Audience { get; init; }

    /// <summary>The longest <c>exp - iat</c> of a user token.</summary>
    public required TimeSpan UserTokenMaxLifetime { get; init; }

    /// <summary>Secrets stay out of logs, also when somebody prints the settings.</summary>
    public override string ToString() => nameof(TokenSettings);
}

/// <summary>How many requests pass in a window; budgets are per instance.</summary>
/// <param name="MaxRequests">The budget of a client address.</param>
/// <param name="UserMaxRequests">The budget of an authorized user.</param>
/// <param name="Window">The length of a window.</param>
public sealed record RateLimitSettings(int MaxRequests, int UserMaxRequests, TimeSpan Window);

/// <summary>Which database system holds the data.</summary>
public enum DatabaseProvider
{
    /// <summary>PostgreSQL, through Npgsql.</summary>
    PostgreSql,

    /// <summary>The embedded SQLite.</summary>
    Sqlite,
}

/// <summary>Where the data is and how to reach it.</summary>
public sealed record DatabaseSettings
{
    /// <summary>The database system.</summary>
    public required DatabaseProvider Provider { get; init; }

    /// <summary>The connection string in ADO.NET's form, TLS mode and pool size included.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The connection string for migrating, where it is another role's; null otherwise.</summary>
    public required string? MigrationConnectionString { get; init; }

    /// <summary>Whether pending migrations are applied at start.</summary>
    public required bool MigrateOnStart { get; init; }

    /// <summary>The address without credentials: <c>postgresql://host:port/name</c> or <c>sqlite:PATH</c>.</summary>
    public required string Address { get; init; }

    /// <summary>The address, without credentials, that migrations and backups go to: <see cref="Address"/> unless MIGRATION_DATABASE_URL is set.</summary>
    public required string MigrationAddress { get; init; }

    /// <summary>Whether the SQLite file did not exist when the settings were read, and was not made.</summary>
    public bool IsMissing { get; init; }

    /// <summary>The kind of the network file system that the SQLite file is on; null where it is on none.</summary>
    public string? NetworkFileSystem { get; init; }

    /// <summary>Credentials stay out of logs, also when somebody prints the settings.</summary>
    public override string ToString() => Address;
}
