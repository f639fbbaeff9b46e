using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Orion.Infrastructure.Configuration.DotEnv;

namespace Orion.Infrastructure.Configuration;

/// <summary>
/// Finds settings in the sources of the configuration, by descending precedence, and in each source under all names of a setting. A lookup by
/// name would let a <c>.env</c> with one name override the environment with another one.
/// </summary>
internal sealed class ConfigurationLookup(IConfigurationRoot configuration)
{
    private readonly List<IConfigurationProvider> _providers = [.. ByPrecedence(configuration)];

    /// <summary>The <c>.env</c>; null if the host was built without one.</summary>
    public EnvFileProvider? EnvFile => _providers.OfType<EnvFileProvider>().FirstOrDefault();

    /// <summary>The effective value; null if there is none.</summary>
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
            return new FoundValue(value!, VariableOf(spelling), other is null ? null : VariableOf(other), PlaceOf(provider));
        }

        return null;
    }

    /// <summary>All values of a configuration key.</summary>
    public IEnumerable<(string Value, string Place)> All(string key)
    {
        foreach (var provider in _providers)
        {
            if (provider.TryGet(key, out var value) && value is not null) yield return (value, PlaceOf(provider));
        }
    }

    /// <summary>Everything that is set in a section, with the effective values.</summary>
    public IEnumerable<(string Key, string Value, string Place)> Under(string section)
    {
        foreach (var (key, value) in configuration.GetSection(section).AsEnumerable())
        {
            if (value is not null) yield return (key, value, All(key).First().Place);
        }
    }

    /// <summary>The places that were searched for a missing setting.</summary>
    public string SearchedPlaces(Setting setting)
    {
        var names = string.Join(", ", setting.Aliases.Prepend(setting.Name).Concat(setting.File is { } f ? [f.Name] : []).Append(setting.SectionVariable));
        var files = _providers.OfType<FileConfigurationProvider>().Select(PlaceOf).Where(File.Exists).Distinct().ToList();
        if (files.Count == 0) files.Add("no appsettings.json");
        return $"the environment ({names}); {string.Join("; ", files.Prepend(EnvFile?.Reading.Place ?? "no .env"))}";
    }

    private static IEnumerable<IConfigurationProvider> ByPrecedence(IConfigurationRoot root)
    {
        foreach (var provider in root.Providers.Reverse())
        {
            // A host may add its own configuration as a single source.
            if (provider is ChainedConfigurationProvider { Configuration: IConfigurationRoot inner })
            {
                foreach (var chained in ByPrecedence(inner)) yield return chained;
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
            // The items of a JSON array are numbered children of the key.
            var items = provider.GetChildKeys([], key).Where(k => k.All(char.IsAsciiDigit)).Distinct()
                .Select(k => provider.TryGet(ConfigurationPath.Combine(key, k), out var item) ? item ?? "" : "").ToList();
            return items.Count == 0 ? null : string.Join(',', items);
        }

        if (!setting.IsExact) value = value.Trim();
        return value.Length > 0 || setting.MayBeEmpty ? value : null;
    }

    /// <summary>A key as an environment variable.</summary>
    internal static string VariableOf(string spelling) => spelling.Replace(":", "__", StringComparison.Ordinal);

    private static string PlaceOf(IConfigurationProvider provider) => provider switch
    {
        EnvFileProvider file => file.Reading.Place,
        EnvironmentVariablesConfigurationProvider => "the environment",
        CommandLineConfigurationProvider => "the command line",
        FileConfigurationProvider { Source: { Path: { } path } source } => source.FileProvider?.GetFileInfo(path).PhysicalPath ?? path,
        _ => "the host's configuration",
    };
}

/// <summary>A value that an operator has set.</summary>
/// <param name="Value">The value, which is never printed.</param>
/// <param name="Spelling">The name under which it was found.</param>
/// <param name="Shadowed">Another name of the setting in the same source, with another value; null if there is none.</param>
/// <param name="Place">The source, for messages.</param>
internal sealed record FoundValue(string Value, string Spelling, string? Shadowed, string Place)
{
    /// <inheritdoc/>
    public override string ToString() => Spelling;
}
