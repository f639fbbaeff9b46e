using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Orion.Infrastructure.Configuration.DotEnv;

namespace Orion.Infrastructure.Configuration;

/// <summary>
/// Finds settings in the configuration source by source, the strongest first, and in each by all of a setting's names. Asking the
/// configuration by name would let a <c>.env</c> with one spelling beat the real environment with another.
/// </summary>
internal sealed class ConfigurationLookup(IConfigurationRoot configuration)
{
    private readonly List<IConfigurationProvider> _providers = [.. StrongestFirst(configuration)];

    /// <summary>What the <c>.env</c> says; null where the host was built without one.</summary>
    public EnvFileProvider? EnvFile => _providers.OfType<EnvFileProvider>().FirstOrDefault();

    /// <summary>The value that counts, or null.</summary>
    public FoundValue? Find(Setting setting)
    {
        foreach (var provider in _providers)
        {
            var spellings = setting.Spellings
                .Select(s => (Spelling: s, Value: ValueIn(provider, s, setting)))
                .Where(f => f.Value is not null)
                .ToList();
            if (spellings.Count == 0) continue;
            var (spelling, value) = spellings[0];
            var other = spellings.FirstOrDefault(f => f.Value != value).Spelling;
            return new FoundValue(value!, Written(spelling), other is null ? null : Written(other), PlaceOf(provider));
        }

        return null;
    }

    /// <summary>Every value of a configuration key that any source holds.</summary>
    public IEnumerable<(string Value, string Place)> All(string key)
    {
        foreach (var provider in _providers)
        {
            if (provider.TryGet(key, out var value) && value is not null) yield return (value, PlaceOf(provider));
        }
    }

    /// <summary>Everything that is set below a section, by its key, with what counts of several sources.</summary>
    public IEnumerable<(string Key, string Value, string Place)> Under(string section)
    {
        foreach (var (key, value) in configuration.GetSection(section).AsEnumerable())
        {
            if (value is not null) yield return (key, value, All(key).First().Place);
        }
    }

    /// <summary>Where a setting that was not found was looked for.</summary>
    public string LookedIn(Setting setting)
    {
        var names = string.Join(", ", setting.Aliases.Prepend(setting.Name).Concat(setting.File is { } f ? [f.Name] : []).Append(setting.SectionVariable));
        var files = _providers.OfType<FileConfigurationProvider>().Select(PlaceOf).Where(File.Exists).Distinct().ToList();
        if (files.Count == 0) files.Add("no appsettings.json (there is none)");
        return $"the environment ({names}); {string.Join("; ", files.Prepend(EnvFile?.Reading.Place ?? "no .env"))}";
    }

    private static IEnumerable<IConfigurationProvider> StrongestFirst(IConfigurationRoot root)
    {
        foreach (var provider in root.Providers.Reverse())
        {
            // A host may hand over its own configuration as one source of ours.
            if (provider is ChainedConfigurationProvider { Configuration: IConfigurationRoot inner })
            {
                foreach (var chained in StrongestFirst(inner)) yield return chained;
            }
            else
            {
                yield return provider;
            }
        }
    }

    private static string? ValueIn(IConfigurationProvider provider, string key, Setting setting)
    {
        if (!provider.TryGet(key, out var value) || value is null)
        {
            if (!setting.IsList) return null;
            // A list of JSON: its items are numbered children of the key.
            var items = provider.GetChildKeys([], key).Where(k => k.All(char.IsAsciiDigit)).Distinct()
                .Select(k => provider.TryGet(ConfigurationPath.Combine(key, k), out var item) ? item ?? "" : "").ToList();
            return items.Count == 0 ? null : string.Join(',', items);
        }

        if (!setting.IsExact) value = value.Trim();
        return value.Length > 0 || setting.MayBeEmpty ? value : null;
    }

    /// <summary>A key as an environment variable.</summary>
    internal static string Written(string spelling) => spelling.Replace(":", "__", StringComparison.Ordinal);

    private static string PlaceOf(IConfigurationProvider provider) => provider switch
    {
        EnvFileProvider file => file.Reading.Place,
        EnvironmentVariablesConfigurationProvider => "the environment",
        CommandLineConfigurationProvider => "the command line",
        FileConfigurationProvider { Source: { Path: { } path } source } => source.FileProvider?.GetFileInfo(path).PhysicalPath ?? path,
        _ => "the host's configuration",
    };
}

/// <summary>A value as an operator gave it.</summary>
/// <param name="Value">The value; nothing prints it.</param>
/// <param name="Spelling">The name that it was found under.</param>
/// <param name="Beaten">Another name of the same setting in the same source, with another value; null where there is none.</param>
/// <param name="Place">The source, for messages.</param>
internal sealed record FoundValue(string Value, string Spelling, string? Beaten, string Place)
{
    /// <inheritdoc/>
    public override string ToString() => Spelling;
}
