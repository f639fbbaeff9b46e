namespace Orion.Infrastructure.Configuration;

internal static partial class SettingsTable
{
    /// <summary>All settings, by what they are about.</summary>
    public static readonly IReadOnlyList<SettingGroup> Groups =
    [
        new("Tokens", "How callers prove who they are.", [Secret, PreviousSecret, Issuer, Audience, UserTokenMaxSeconds]),
        new("People and pages", "Who is let in, and from which pages a browser may call.", [Owner, AllowedOrigins]),
        new("Database", "PostgreSQL by one URL or by parts, or the embedded SQLite.",
        [
            DatabaseUrl, DatabaseHost, DatabasePort, DatabaseName, DatabaseUser, DatabasePassword, DatabaseSsl,
            DatabaseRootCertificate, PoolSize, PreparedStatements, MigrationUrl, MigrateOnStart, DataDir, BackupDir,
        ]),
        new("Network", "Where Orion listens, and what stands in front of it.", [Port, RequireHttps, TrustedProxies, MaxConnections]),
        new("Rate limit", "Budgets are per instance.", [MaxRequests, WindowSeconds, UserMaxRequests]),
        new("What Orion says about itself", "All of it is closed in Production unless it is opened.", [HealthShowDatabase, ApiDocs, MetricsPort, MetricsAddress]),
    ];

    private static readonly List<Setting> WithFiles =
        [.. Groups.SelectMany(g => g.Settings).SelectMany(s => s.File is { } file ? [s, file] : (Setting[])[s])];

    private static readonly HashSet<string> FlatNames = [.. WithFiles.SelectMany(s => s.Aliases.Prepend(s.Name))];

    private static readonly HashSet<string> SectionNames = new(WithFiles.Select(s => s.SectionVariable), StringComparer.OrdinalIgnoreCase);

    /// <summary>All settings, in the order of the documentation.</summary>
    public static IEnumerable<Setting> All => Groups.SelectMany(g => g.Settings);

    /// <summary>Whether a name is that of a setting that holds a secret.</summary>
    public static bool IsSecret(string name) => All.Any(s => s.IsSecret && (s.Name == name || s.Aliases.Contains(name) ||
        s.SectionVariable.Equals(name, StringComparison.OrdinalIgnoreCase)));

    // OpenTelemetry's own variables, which its SDK reads from the configuration.
    private const string OpenTelemetry = "OTEL_";

    /// <summary>
    /// Whether a name in a <c>.env</c> is a setting's, or one of the standard ones of OpenTelemetry. Capitals matter as they do to Node, but not in <c>Section__Key</c>, as they do not
    /// in ASP.NET.
    /// </summary>
    public static bool Knows(string name) =>
        FlatNames.Contains(name) || SectionNames.Contains(name) || name.StartsWith(OpenTelemetry, StringComparison.Ordinal);
}
