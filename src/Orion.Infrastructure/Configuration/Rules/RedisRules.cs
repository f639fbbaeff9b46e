namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>Checks the setting of Redis.</summary>
internal static class RedisRules
{
    private const int DefaultPort = 6379;

    /// <summary>Redis; null if it is not configured, or after a problem.</summary>
    public static RedisSettings? Read(SettingsCheck check)
    {
        if (check.Text(SettingsTable.RedisUrl) is not { } url) return null;
        if (Parse(url) is not { } settings)
        {
            check.AddProblem(SettingsTable.RedisUrl, new(
                "is not the URL of a Redis server", "Write rediss://user:password@host:port/database, with special characters percent-encoded, and without a query."));
            return null;
        }

        if (!settings.UsesTls && !Loopback.IsHost(settings.Host))
        {
            check.Warn($"{SettingsTable.RedisUrl.Name} has the scheme redis: for another host. The password and the keys are sent in plain text; rediss: " +
                "uses TLS.");
        }

        return settings;
    }

    private static RedisSettings? Parse(string text)
    {
        var hasScheme = text.StartsWith("redis://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("rediss://", StringComparison.OrdinalIgnoreCase);
        if (!hasScheme || text.Any(c => c is <= ' ' or > '~') || text.AsSpan().IndexOfAny('?', '#', '\\') >= 0 ||
            DatabaseUrl.Decode(text) is null || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            return null;
        }

        var database = 0;
        if (url.AbsolutePath is not ("" or "/") && !NumberRange.RedisDatabase.TryParse(url.AbsolutePath[1..], out database)) return null;
        var (user, password) = url.UserInfo.IndexOf(':', StringComparison.Ordinal) is >= 0 and var at
            ? (url.UserInfo[..at], url.UserInfo[(at + 1)..])
            : (url.UserInfo, "");
        return new RedisSettings
        {
            Host = url.IdnHost,
            Port = url.IsDefaultPort || url.Port < 0 ? DefaultPort : url.Port,
            User = Decoded(user),
            Password = Decoded(password),
            Database = database,
            UsesTls = url.Scheme == "rediss",
        };

        static string? Decoded(string part) => part.Length == 0 ? null : DatabaseUrl.Decode(part);
    }
}
