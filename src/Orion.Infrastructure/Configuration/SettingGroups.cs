namespace Orion.Infrastructure.Configuration;

/// <summary>The settings of one subject.</summary>
internal sealed record SettingGroup(string Title, string Introduction, IReadOnlyList<Setting> Settings);

/// <summary>All settings in the order of the documentation, and their names.</summary>
internal static class SettingGroups
{
    public static readonly IReadOnlyList<SettingGroup> All =
    [
        new("Tokens", "How callers authenticate.",
        [
            SettingsTable.Secret, SettingsTable.PreviousSecret, SettingsTable.Issuer, SettingsTable.Audience, SettingsTable.UserTokenMaxSeconds,
        ]),
        new("Access", "Which users have access, and which web pages may call Orion.", [SettingsTable.Owner, SettingsTable.AllowedOrigins]),
        new("Database", "PostgreSQL, given by a URL or in parts, or the embedded SQLite.",
        [
            SettingsTable.DatabaseUrl, SettingsTable.DatabaseHost, SettingsTable.DatabasePort, SettingsTable.DatabaseName,
            SettingsTable.DatabaseUser, SettingsTable.DatabasePassword, SettingsTable.DatabaseSsl, SettingsTable.DatabaseRootCertificate,
            SettingsTable.PoolSize, SettingsTable.PreparedStatements, SettingsTable.MigrationUrl, SettingsTable.MigrateOnStart,
            SettingsTable.DataDir, SettingsTable.BackupDir,
        ]),
        new("Network", "Where Orion listens, and what is in front of it.",
        [
            SettingsTable.Port, SettingsTable.RequireHttps, SettingsTable.TrustedProxies, SettingsTable.MaxConnections,
        ]),
        new("Rate limit", "Each instance counts separately, unless they share a Redis server.",
        [
            SettingsTable.MaxRequests, SettingsTable.WindowSeconds, SettingsTable.UserMaxRequests, SettingsTable.RedisUrl,
        ]),
        new("Model and replies", "Which model writes replies, and how much a user may ask of it ([Models](models.md)).",
        [
            SettingsTable.ModelUrl, SettingsTable.ModelApiKey, SettingsTable.ModelNames, SettingsTable.ModelSystemPrompt,
            SettingsTable.ModelContextCharacters, SettingsTable.ModelStallSeconds, SettingsTable.ReplyMaxSeconds, SettingsTable.RepliesPerUser,
        ]),
        new("Retention", "How long sessions are kept.", [SettingsTable.RetentionDays]),
        new("Model Context Protocol", "Access of AI assistants and editors ([Model Context Protocol](mcp.md)).", [SettingsTable.Mcp]),
        new("Health, documentation and metrics", "What Orion exposes about itself. In Production, all of it is off by default.",
        [
            SettingsTable.HealthShowDatabase, SettingsTable.ApiDocs, SettingsTable.MetricsPort, SettingsTable.MetricsAddress,
        ]),
    ];

    // OpenTelemetry's own variables, which its SDK reads from the configuration.
    private const string OpenTelemetry = "OTEL_";

    private static readonly List<Setting> WithFiles = [.. Settings.SelectMany(s => s.File is { } file ? [s, file] : (Setting[])[s])];

    private static readonly HashSet<string> FlatNames = [.. WithFiles.SelectMany(s => s.Aliases.Prepend(s.Name))];

    private static readonly HashSet<string> SectionNames = new(WithFiles.Select(s => s.SectionVariable), StringComparer.OrdinalIgnoreCase);

    /// <summary>All settings.</summary>
    public static IEnumerable<Setting> Settings => All.SelectMany(g => g.Settings);

    /// <summary>Whether a name is that of a setting with a secret.</summary>
    public static bool IsSecret(string name) => Settings.Any(s => s.IsSecret && (s.Name == name || s.Aliases.Contains(name) ||
        s.SectionVariable.Equals(name, StringComparison.OrdinalIgnoreCase)));

    /// <summary>
    /// Whether a name in a <c>.env</c> is that of a setting, or of OpenTelemetry. Names are case-sensitive, as in Node, except for
    /// <c>Section__Key</c>, as in ASP.NET.
    /// </summary>
    public static bool Contains(string name) =>
        FlatNames.Contains(name) || SectionNames.Contains(name) || name.StartsWith(OpenTelemetry, StringComparison.Ordinal);
}
