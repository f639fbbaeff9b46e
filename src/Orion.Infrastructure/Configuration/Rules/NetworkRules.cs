using System.Globalization;
using System.Net;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>Checks the settings of access, origins, proxies and rate limits.</summary>
internal static class NetworkRules
{
    private const string ExampleAddress = "you@example.com";

    /// <summary>The owner; null after a problem.</summary>
    public static EmailAddress? Owner(SettingsCheck check)
    {
        if (check.Text(SettingsTable.Owner) is not { } text) return null;
        const string Fix = "Set it to the owner's address, for example AUTHORIZED_USER_EMAIL=owner@example.com.";
        if (!EmailAddress.TryParse(text, out var owner))
            check.AddProblem(SettingsTable.Owner, new("is not one e-mail address in printable ASCII", Fix));
        else if (owner.Value == ExampleAddress && !check.IsDevelopment)
            check.AddProblem(SettingsTable.Owner, new("is still the address of the example", Fix));
        return owner;
    }

    /// <summary>The origins that a browser may call from.</summary>
    public static IReadOnlyList<string> AllowedOrigins(SettingsCheck check)
    {
        var origins = Entries(check.Text(SettingsTable.AllowedOrigins));
        if (origins is [var only] && SecretRule.IsPlaceholder(only))
        {
            check.AddProblem(SettingsTable.AllowedOrigins, new(
                "is still the placeholder of the example", "List the origins of your pages, for example https://chat.example.com, or leave it empty."));
            return [];
        }

        for (var i = 0; i < origins.Count; i++)
        {
            if (OriginRule.Check(origins[i], check.IsDevelopment) is { } error)
                check.AddProblem(SettingsTable.AllowedOrigins, Numbered(error, i));
        }

        return [.. origins.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The peers whose forwarded headers are trusted.</summary>
    public static IReadOnlyList<IPNetwork> TrustedProxies(SettingsCheck check)
    {
        var entries = Entries(check.Text(SettingsTable.TrustedProxies));
        if (entries.Count == 0)
            check.AddProblem(SettingsTable.TrustedProxies, new("has no address", "List addresses or CIDR blocks, or unset it for loopback."));
        var networks = new List<IPNetwork>();
        for (var i = 0; i < entries.Count; i++)
        {
            var (network, error) = ProxyRule.Read(entries[i]);
            if (network is { } read) networks.Add(read);
            else check.AddProblem(SettingsTable.TrustedProxies, Numbered(error!, i));
        }

        return [.. networks.Distinct()];
    }

    /// <summary>The rate limit.</summary>
    public static RateLimitSettings RateLimit(SettingsCheck check)
    {
        var requests = check.Number(SettingsTable.MaxRequests);
        return new RateLimitSettings(
            requests,
            check.Number(SettingsTable.UserMaxRequests, defaultValue: requests),
            TimeSpan.FromSeconds(check.Number(SettingsTable.WindowSeconds)));
    }

    private static List<string> Entries(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private static SettingError Numbered(SettingError error, int index) =>
        error with { What = string.Create(CultureInfo.InvariantCulture, $"entry {index + 1} {error.What}") };
}
