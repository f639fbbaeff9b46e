using System.Net;
using System.Net.Sockets;
using Orion.Application.Replies;
using Orion.Domain.Text;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>Checks the settings of the model and of replies.</summary>
internal static class ModelRules
{
    /// <summary>The longest name of a model, in characters.</summary>
    public const int MaxNameLength = 128;

    private const string Demo = "builtin:demo";

    /// <summary>The model; null if none is configured, or after a problem.</summary>
    public static ModelSettings? Read(SettingsCheck check)
    {
        var stall = TimeSpan.FromSeconds(check.Number(SettingsTable.ModelStallSeconds));
        var key = Key(check);
        var names = Names(check);
        var url = check.Text(SettingsTable.ModelUrl);
        if (url is null or Demo) WarnOfIgnored(check, url);
        if (url is null) return null;
        if (url == Demo)
        {
            if (!check.IsDevelopment)
            {
                check.AddProblem(SettingsTable.ModelUrl, new(
                    "is the built-in demonstration, which is no model", $"Set it to a model's address, for example {SettingsTable.ModelUrl.Example}, or unset it."));
            }

            return new ModelSettings { Endpoint = null, ApiKey = null, Names = ["demo"], StallTimeout = stall };
        }

        var (endpoint, error) = ReadUrl(url);
        if (error is not null) check.AddProblem(SettingsTable.ModelUrl, error);
        if (names.Count == 0)
        {
            check.AddMissing(SettingsTable.ModelNames,
                $"Name the models of {SettingsTable.ModelUrl.Name}, for example {SettingsTable.ModelNames.Name}={SettingsTable.ModelNames.Example}.");
        }

        return endpoint is null ? null : new ModelSettings { Endpoint = endpoint, ApiKey = key, Names = names, StallTimeout = stall };
    }

    /// <summary>The limits of replies.</summary>
    public static ReplyLimits Limits(SettingsCheck check)
    {
        var prompt = check.Text(SettingsTable.ModelSystemPrompt);
        var characters = check.Number(SettingsTable.ModelContextCharacters);
        if (prompt is not null && TextRules.CountCodePoints(prompt) >= characters)
        {
            check.Warn($"{SettingsTable.ModelSystemPrompt.Name} fills {SettingsTable.ModelContextCharacters.Name}, so the model is given only the last " +
                "message of a session.");
        }

        return new ReplyLimits(
            prompt,
            characters,
            TimeSpan.FromSeconds(check.Number(SettingsTable.ReplyMaxSeconds)),
            check.Number(SettingsTable.RepliesPerUser));
    }

    private static void WarnOfIgnored(SettingsCheck check, string? url)
    {
        foreach (var setting in (Setting[])[SettingsTable.ModelApiKey, SettingsTable.ModelNames])
        {
            if (check.Given(setting) is not { } given) continue;
            check.Warn($"{given.Spelling} is set without {(url is null ? "" : "the address of a model in ")}{SettingsTable.ModelUrl.Name}, and is ignored.");
        }
    }

    private static string? Key(SettingsCheck check)
    {
        var key = check.Text(SettingsTable.ModelApiKey);
        if (key is not null && key.Any(c => c is <= ' ' or > '~'))
            check.AddProblem(SettingsTable.ModelApiKey, new("contains a character that cannot be sent in a header", "Copy the key again, without spaces."));
        return key;
    }

    private static List<string> Names(SettingsCheck check)
    {
        var names = (check.Text(SettingsTable.ModelNames) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Any(name => name.Length > MaxNameLength || name.Any(c => c is < ' ' or > '~')))
        {
            check.AddProblem(SettingsTable.ModelNames, new(
                $"contains a name that is not 1 to {MaxNameLength} printable ASCII characters", "Separate the names with commas, as the provider spells them."));
        }

        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    private static (Uri? Url, SettingError? Error) ReadUrl(string text)
    {
        static (Uri?, SettingError?) Invalid(string what, string fix) => (null, new(what, fix));

        const string Form = "Write the base address of an OpenAI-compatible API, for example https://api.openai.com/v1.";
        var hasScheme = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        if (!hasScheme || text.Any(c => c is <= ' ' or > '~') || text.Contains('\\', StringComparison.Ordinal) ||
            !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            return Invalid("is not the URL of an API", Form);
        }

        if (text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('/', '?', '#')[0].Contains('@', StringComparison.Ordinal))
            return Invalid("contains a user name or a password", $"Remove it. A key belongs in {SettingsTable.ModelApiKey.Name}.");
        if (text.AsSpan().IndexOfAny('?', '#') >= 0) return Invalid("has a query or a fragment", "Remove everything from the ? or # on.");
        if (url.AbsolutePath.TrimEnd('/').EndsWith("/completions", StringComparison.OrdinalIgnoreCase))
            return Invalid("is the address of a route", "Remove /chat/completions from its end.");
        return url.Scheme == Uri.UriSchemeHttp && !IsPrivate(url.IdnHost)
            ? Invalid("uses http: for a host that is neither this machine nor in a private network", "Use https:.")
            : (url, null);
    }

    private static bool IsPrivate(string host)
    {
        if (Loopback.IsHost(host)) return true;
        if (IPAddress.TryParse(host, out var address)) return IsPrivate(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

        var labels = host.TrimEnd('.').ToLowerInvariant().Split('.');
        return labels.Length == 1 || labels[^1] is "internal" or "local" or "svc" || IsInCluster(labels);
    }

    // Kubernetes: SERVICE.NAMESPACE.svc.DOMAIN, or POD.SERVICE.NAMESPACE.svc.DOMAIN.
    private static bool IsInCluster(string[] labels) => labels.Skip(2).Take(2).Contains("svc");

    // RFC 1918 and RFC 4193.
    private static bool IsPrivate(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6) return address.IsIPv6UniqueLocal;
        var bytes = address.GetAddressBytes();
        return bytes[0] switch
        {
            10 => true,
            172 => bytes[1] is >= 16 and <= 31,
            192 => bytes[1] == 168,
            _ => false,
        };
    }
}
