using System.Globalization;
using Orion.Domain.Text;
using Orion.Infrastructure.FileSystem;

namespace Orion.Infrastructure.Configuration;

/// <summary>A check of the settings in progress: returns values, and collects all problems instead of stopping at the first one.</summary>
internal sealed class SettingsCheck(ConfigurationLookup lookup, bool isDevelopment, string workingDirectory)
{
    private const int MaxNames = 20;
    private const int MaxNameLength = 64;

    private readonly Dictionary<string, FoundValue?> _found = [];
    private readonly HashSet<string> _unread = [];
    private readonly List<SettingProblem> _problems = [];
    private readonly List<string> _warnings = [];

    /// <summary>Every environment except Development has the rules of Production, so that a misspelled name does not weaken them.</summary>
    public bool IsDevelopment => isDevelopment;

    /// <summary>The base of relative paths.</summary>
    public string WorkingDirectory => workingDirectory;

    /// <summary>All problems so far.</summary>
    public IReadOnlyList<SettingProblem> Problems => _problems;

    /// <summary>All warnings so far.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The value that an operator has set, without defaults; null if there is none.</summary>
    public FoundValue? Given(Setting setting)
    {
        if (_found.TryGetValue(setting.Name, out var found)) return found;
        found = lookup.Find(setting);
        if (found?.Shadowed is { } shadowed)
            Warn($"{found.Spelling} and {shadowed} are the same setting and differ in {found.Place}. {found.Spelling} takes precedence.");
        _found[setting.Name] = found;
        return setting.File is { } file && lookup.Find(file) is { } fileName ? _found[setting.Name] = ReadSecretFile(setting, found, fileName) : found;
    }

    /// <summary>The value or the default. Without both it is null, and a problem if the setting is required.</summary>
    public string? Text(Setting setting)
    {
        var text = Given(setting)?.Value ?? (isDevelopment ? setting.InDevelopment : setting.InProduction);
        if (text is null && setting.IsRequired && !isDevelopment) AddMissing(setting);
        return text;
    }

    /// <summary>A whole number in the setting's range. After a problem, the result is not used.</summary>
    public int Number(Setting setting, int defaultValue = 0)
    {
        if (Text(setting) is not { } text) return defaultValue;
        if (setting.Range!.TryParse(text, out var number)) return number;
        if (text.Contains("://", StringComparison.Ordinal) && text[..3] is "tcp" or "udp")
        {
            // Kubernetes sets NAME_PORT=tcp://… in every container of the namespace of a Service called "name".
            AddProblem(setting, new(
                $"is an address (tcp://…), which Kubernetes sets for a Service {ServiceOf(setting.Name)}",
                $"Set enableServiceLinks: false in the pod's spec, or set {setting.Name} to a number there."));
            return defaultValue;
        }

        AddProblem(setting, new(
            $"is not a whole number from {setting.Range}", $"Use only digits, for example {setting.Name}={setting.Example}."));
        return defaultValue;
    }

    /// <summary>A boolean.</summary>
    public bool Flag(Setting setting)
    {
        var text = Text(setting) ?? "false";
        if (ReadFlag(text) is { } flag) return flag;
        AddProblem(setting, new("is neither true nor false", "Set it to true or false (or to 1 or 0)."));
        return false;
    }

    /// <summary><c>true</c> and <c>false</c> in any case, <c>1</c> and <c>0</c>; null for anything else.</summary>
    public static bool? ReadFlag(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "1" => true,
        "FALSE" or "0" => false,
        _ => null,
    };

    /// <summary>The first value of a configuration key that is not in the table, ignoring blank values; null if there is none.</summary>
    public (string Value, string Place)? FirstOf(string key)
    {
        var (value, place) = lookup.All(key).FirstOrDefault(found => found.Value.Trim().Length > 0);
        return value is null ? null : (value.Trim(), place);
    }

    /// <summary>Everything that is set in a section of the configuration.</summary>
    public IEnumerable<(string Key, string Value, string Place)> Under(string section) => lookup.Under(section);

    /// <summary>Where a setting was found, or the places that were searched.</summary>
    public string PlaceOf(Setting setting) => Given(setting)?.Place ?? $"not set: {lookup.SearchedPlaces(setting)}";

    /// <summary>Adds a problem with a setting.</summary>
    public void AddProblem(Setting setting, SettingError error) => AddProblem(Given(setting)?.Spelling ?? setting.Name, error, PlaceOf(setting));

    /// <summary>Adds a problem with something that is not in the table. A path in it may contain any character.</summary>
    public void AddProblem(string variable, SettingError error, string where) =>
        _problems.Add(new(variable, UntrustedText.Escape(error.What), UntrustedText.Escape(where), error.Fix));

    /// <summary>
    /// Adds the problem that a setting is missing. If a file that may contain it could not be read, only that problem is reported; it has
    /// already been added.
    /// </summary>
    public void AddMissing(Setting setting, string? fix = null)
    {
        if (_unread.Contains(setting.Name) || lookup.EnvFile is { Reading.IsUnread: true }) return;
        AddProblem(setting, new(
            "is missing",
            fix ?? $"Set it, for example {setting.Name}={setting.Example}." + (setting.MayBeEmpty ? $" It may be empty: {setting.Name}=" : "")));
    }

    /// <summary>Adds a warning.</summary>
    public void Warn(string warning) => _warnings.Add(UntrustedText.Escape(warning));

    /// <summary>Checks the <c>.env</c> itself, and warns about names in it that are not settings.</summary>
    public void CheckEnvFile()
    {
        if (lookup.EnvFile is not { } file) return;
        if (file.Reading.Error is { } error) AddProblem(file.Reading.Variable, error, file.Reading.Place);
        foreach (var name in file.Reading.TruncatedNames.Where(SettingGroups.IsSecret))
            Warn($"In {file.Reading.Place} a # ends the value of {name}. If the # is part of the value, put it in quotes: {name}='…'");
        if (file.Ignored is not { Count: > 0 } names) return;

        // A line of a broken multi-line secret can look like a name. Only plausible names are shown; the others are counted.
        var shown = names.Where(n => n.Length <= MaxNameLength && (char.IsAsciiLetter(n[0]) || n[0] == '_')).Take(MaxNames).ToList();
        var more = names.Count - shown.Count;
        var list = string.Join(", ", more > 0 ? shown.Append(string.Create(CultureInfo.InvariantCulture, $"{more} more")) : shown);
        Warn($"{file.Reading.Place} contains names that are not settings of Orion and are ignored: {list}.");
    }

    /// <summary>Warns that Production's rules apply in a folder that has only been used in Development.</summary>
    public void WarnOfDevelopmentData()
    {
        var folder = SettingsTable.DataDir.InDevelopment!;
        if (isDevelopment || lookup.EnvFile is not { Reading.IsAbsent: true } || !Directory.Exists(Path.Combine(workingDirectory, folder))) return;
        Warn($"This folder has Development's data ({folder}) and no .env. The environment is Production unless you set " +
            "DOTNET_ENVIRONMENT=Development; dotnet run --project src/Orion.Api and --project src/Orion.Cli set it.");
    }

    /// <summary>ASP.NET's own switch trusts the forwarded headers of every peer, so Orion does not start with it.</summary>
    public void CheckForwardedHeaders()
    {
        const string Switch = "ForwardedHeaders_Enabled";
        foreach (var prefix in (string[])["", "ASPNETCORE_", "DOTNET_"])
        {
            foreach (var (value, place) in lookup.All(prefix + Switch))
            {
                if (value.Trim().Length == 0 || ReadFlag(value.Trim()) == false) continue;
                AddProblem("ASPNETCORE_FORWARDEDHEADERS_ENABLED", new(
                    "is set, which trusts the X-Forwarded headers of every client",
                    $"Unset it, and list your proxies in {SettingsTable.TrustedProxies.Name}."), place);
                return;
            }
        }
    }

    private FoundValue? ReadSecretFile(Setting setting, FoundValue? found, FoundValue fileName)
    {
        if (found is not null)
        {
            AddProblem(fileName.Spelling, new($"and {found.Spelling} are both set", "Keep one of them."), $"{fileName.Place}; {found.Place}");
            return found;
        }

        var (text, error) = SecretFile.Read(fileName.Value);
        if (error is null && !setting.IsExact) text = text!.Trim();
        if (error is null) return new FoundValue(text!, setting.Name, null, $"{fileName.Value} ({fileName.Spelling} in {fileName.Place})");
        _unread.Add(setting.Name);
        AddProblem(fileName.Spelling, error, fileName.Place);
        return null;
    }

    private static string ServiceOf(string variable) =>
        variable.EndsWith("_PORT", StringComparison.Ordinal) ? $"named {variable[..^5].ToLowerInvariant().Replace('_', '-')}" : "of that name";
}
