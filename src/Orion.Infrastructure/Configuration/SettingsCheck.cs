using System.Globalization;
using Orion.Infrastructure.FileSystem;

namespace Orion.Infrastructure.Configuration;

/// <summary>One reading of the settings under way: gives values, and gathers all that is wrong instead of stopping at the first.</summary>
internal sealed class SettingsCheck(ConfigurationLookup lookup, bool isDevelopment, string workingDirectory)
{
    private const int MaxNames = 20;
    private const int MaxNameLength = 64;

    private readonly Dictionary<string, FoundValue?> _found = [];
    private readonly HashSet<string> _unread = [];
    private readonly List<SettingProblem> _problems = [];
    private readonly List<string> _warnings = [];

    /// <summary>Everywhere but in Development the rules of Production hold: a misspelt environment is no open door.</summary>
    public bool IsDevelopment => isDevelopment;

    /// <summary>What relative paths are relative to.</summary>
    public string WorkingDirectory => workingDirectory;

    /// <summary>All that was refused so far.</summary>
    public IReadOnlyList<SettingProblem> Problems => _problems;

    /// <summary>All warnings so far.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>What an operator gave, or null; defaults do not count.</summary>
    public FoundValue? Given(Setting setting)
    {
        if (_found.TryGetValue(setting.Name, out var found)) return found;
        found = lookup.Find(setting);
        if (found?.Beaten is { } beaten)
            Warn($"{found.Spelling} and {beaten} mean the same and differ in {found.Place}: {found.Spelling} counts.");
        _found[setting.Name] = found;
        return setting.File is { } file && lookup.Find(file) is { } named ? _found[setting.Name] = OfFile(setting, found, named) : found;
    }

    /// <summary>The value or its default; null, and a problem where it is required, without either.</summary>
    public string? Text(Setting setting)
    {
        var text = Given(setting)?.Value ?? (isDevelopment ? setting.InDevelopment : setting.InProduction);
        if (text is null && setting.IsRequired && !isDevelopment) RefuseMissing(setting);
        return text;
    }

    /// <summary>A whole number in a range. What a refused value gives does not matter: nothing is built from it.</summary>
    public int Number(Setting setting, int least, int most, int otherwise = 0)
    {
        if (Text(setting) is not { } text) return otherwise;
        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        if (isNumber && number >= least && number <= most) return number;
        if (text.Contains("://", StringComparison.Ordinal) && text[..3] is "tcp" or "udp")
        {
            // Kubernetes writes NAME_PORT=tcp://… for a Service called name into every container of its namespace.
            Refuse(setting, new(
                $"is an address (tcp://…), which Kubernetes writes for a Service {ServiceOf(setting.Name)}",
                $"Set enableServiceLinks: false in the pod's spec, or set {setting.Name} to a number there."));
            return otherwise;
        }

        Refuse(setting, new(
            string.Create(CultureInfo.InvariantCulture, $"is not a whole number from {least} to {most}"),
            $"Write digits alone, for example {setting.Name}={setting.Example}."));
        return otherwise;
    }

    /// <summary>A yes or no.</summary>
    public bool Flag(Setting setting)
    {
        var text = Text(setting) ?? "false";
        if (ReadFlag(text) is { } flag) return flag;
        Refuse(setting, new("is neither true nor false", "Write true or false (1 and 0 mean the same)."));
        return false;
    }

    /// <summary><c>true</c> and <c>false</c> in any case, <c>1</c> and <c>0</c>; null for anything else.</summary>
    public static bool? ReadFlag(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "1" => true,
        "FALSE" or "0" => false,
        _ => null,
    };

    /// <summary>What is set under a configuration key that is no setting of the table, and not blank; null where nothing is.</summary>
    public (string Value, string Place)? FirstOf(string key)
    {
        var (value, place) = lookup.All(key).FirstOrDefault(found => found.Value.Trim().Length > 0);
        return value is null ? null : (value.Trim(), place);
    }

    /// <summary>Everything that is set below a section of the configuration.</summary>
    public IEnumerable<(string Key, string Value, string Place)> Under(string section) => lookup.Under(section);

    /// <summary>Where a setting was found, or looked for.</summary>
    public string PlaceOf(Setting setting) => Given(setting)?.Place ?? $"not set: {lookup.LookedIn(setting)}";

    /// <summary>Gathers a problem with a setting.</summary>
    public void Refuse(Setting setting, SettingError flaw) => Refuse(Given(setting)?.Spelling ?? setting.Name, flaw, PlaceOf(setting));

    /// <summary>Gathers a problem with something that is no setting of the table.</summary>
    public void Refuse(string variable, SettingError flaw, string where) =>
        _problems.Add(new(variable, Escaped(flaw.What), Escaped(where), flaw.Fix));

    /// <summary>
    /// Gathers the problem that a setting is missing. Where a file that may hold it could not be read, that is the problem, and it has
    /// been gathered already.
    /// </summary>
    public void RefuseMissing(Setting setting, string? fix = null)
    {
        if (_unread.Contains(setting.Name) || lookup.EnvFile is { Reading.IsUnread: true }) return;
        Refuse(setting, new(
            "is missing",
            fix ?? $"Set it, for example {setting.Name}={setting.Example}." + (setting.MayBeEmpty ? $" It may be empty: {setting.Name}=" : "")));
    }

    /// <summary>Gathers a warning.</summary>
    public void Warn(string warning) => _warnings.Add(Escaped(warning));

    /// <summary>What the <c>.env</c> itself is told: that it refuses, and which of its names are nobody's.</summary>
    public void CheckEnvFile()
    {
        if (lookup.EnvFile is not { } file) return;
        if (file.Reading.SettingError is { } flaw) Refuse(file.Reading.Variable, flaw, file.Reading.Place);
        foreach (var name in file.Reading.CutShort.Where(SettingsTable.IsSecret))
            Warn($"In {file.Reading.Place} a # ends the value of {name}. Where the # is a part of it, put the value in quotes: {name}='…'");
        if (file.PassedOver is not { Count: > 0 } names) return;

        // A line of a broken multi-line secret can look like a name: what is no plausible one is counted, not shown.
        var shown = names.Where(n => n.Length <= MaxNameLength && (char.IsAsciiLetter(n[0]) || n[0] == '_')).Take(MaxNames).ToList();
        var more = names.Count - shown.Count;
        var list = string.Join(", ", more > 0 ? shown.Append(string.Create(CultureInfo.InvariantCulture, $"{more} more")) : shown);
        Warn($"{file.Reading.Place} holds names that are no settings of Orion, and they are passed over: {list}.");
    }

    /// <summary>ASP.NET's own switch believes every peer's forwarded headers, so Orion does not start with it.</summary>
    public void CheckForwardedHeaders()
    {
        const string Switch = "ForwardedHeaders_Enabled";
        foreach (var prefix in (string[])["", "ASPNETCORE_", "DOTNET_"])
        {
            foreach (var (value, place) in lookup.All(prefix + Switch))
            {
                if (value.Trim().Length == 0 || ReadFlag(value.Trim()) == false) continue;
                Refuse("ASPNETCORE_FORWARDEDHEADERS_ENABLED", new(
                    "is set, which believes the X-Forwarded headers of everybody",
                    $"Unset it, and name your proxies in {SettingsTable.TrustedProxies.Name}."), place);
                return;
            }
        }
    }

    private FoundValue? OfFile(Setting setting, FoundValue? found, FoundValue named)
    {
        if (found is not null)
        {
            Refuse(named.Spelling, new($"and {found.Spelling} are both set", "Keep one of them."), $"{named.Place}; {found.Place}");
            return found;
        }

        var (text, flaw) = SecretFile.Read(named.Value);
        if (flaw is null && !setting.IsExact) text = text!.Trim();
        if (flaw is null) return new FoundValue(text!, setting.Name, null, $"{named.Value} ({named.Spelling} in {named.Place})");
        _unread.Add(setting.Name);
        Refuse(named.Spelling, flaw, named.Place);
        return null;
    }

    private static string ServiceOf(string variable) =>
        variable.EndsWith("_PORT", StringComparison.Ordinal) ? $"named {variable[..^5].ToLowerInvariant().Replace('_', '-')}" : "of that name";

    /// <summary>A path may hold anything; what reaches a terminal does not.</summary>
    private static string Escaped(string text) => string.Concat(text.Select(c =>
        char.IsControl(c)
            || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            ? $"\\u{(int)c:x4}"
            : c.ToString()));
}
