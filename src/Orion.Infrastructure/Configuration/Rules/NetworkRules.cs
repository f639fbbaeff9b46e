using System.Globalization;
using System.Net;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>Checks the settings that say who may come in, from where, and how often.</summary>
internal static class NetworkRules
{
    private const int MostRequests = 1_000_000_000;
    private const int Year = 31_536_000;
    private const string NobodysAddress = "you@example.com";

    /// <summary>The owner; null after a problem.</summary>
    public static EmailAddress? Owner(SettingsCheck check)
    {
        if (check.Text(SettingsTable.Owner) is not { } text) return null;
        const string Fix = "Write the owner's address alone, for example AUTHORIZED_USER_EMAIL=owner@example.com.";
        if (!EmailAddress.TryParse(text, out var owner))
            check.Refuse(SettingsTable.Owner, new("is not one e-mail address in printable ASCII", Fix));
        else if (owner.Value == NobodysAddress && !check.IsDevelopment)
            check.Refuse(SettingsTable.Owner, new("is the example's address", Fix));
        return owner;
    }

    /// <summary>The origins that a browser may call from.</summary>
    public static IReadOnlyList<string> AllowedOrigins(SettingsCheck check)
    {
        var origins = Entries(check.Text(SettingsTable.AllowedOrigins));
        for (var i = 0; i < origins.Count; i++)
        {
            if (OriginRule.Check(origins[i], check.IsDevelopment) is { } flaw)
                check.Refuse(SettingsTable.AllowedOrigins, Numbered(flaw, i));
        }

        return [.. origins.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The peers whose forwarded headers count.</summary>
    public static IReadOnlyList<IPNetwork> TrustedProxies(SettingsCheck check)
    {
        var entries = Entries(check.Text(SettingsTable.TrustedProxies));
        if (entries.Count == 0)
            check.Refuse(SettingsTable.TrustedProxies, new("names no address", "Write addresses or CIDRs, or unset it for loopback."));
        var networks = new List<IPNetwork>();
        for (var i = 0; i < entries.Count; i++)
        {
            var (network, flaw) = ProxyRule.Read(entries[i]);
            if (network is { } read) networks.Add(read);
            else check.Refuse(SettingsTable.TrustedProxies, Numbered(flaw!, i));
        }

        return [.. networks.Distinct()];
    }

    /// <summary>The budgets.</summary>
    public static RateLimitSettings RateLimit(SettingsCheck check)
    {
        var requests = check.Number(SettingsTable.MaxRequests, 1, MostRequests);
        return new RateLimitSettings(
            requests,
            check.Number(SettingsTable.UserMaxRequests, 1, MostRequests, otherwise: requests),
            TimeSpan.FromSeconds(check.Number(SettingsTable.WindowSeconds, 1, Year)));
    }

    private static List<string> Entries(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private static SettingError Numbered(SettingError flaw, int index) =>
        flaw with { What = string.Create(CultureInfo.InvariantCulture, $"has an entry, number {index + 1}, that {flaw.What}") };
}
