namespace Orion.Infrastructure.Configuration;

/// <summary>One setting: how it is called, what it is without a value, and what it may be.</summary>
/// <param name="Name">The environment variable.</param>
/// <param name="Key">The name in ASP.NET's way: <c>Section:Key</c>.</param>
internal sealed record Setting(string Name, string Key)
{
    /// <summary>Other variables that mean the same; the name itself goes before them.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The value in Development where none is given.</summary>
    public string? InDevelopment { get; init; }

    /// <summary>The value in Production where none is given.</summary>
    public string? InProduction { get; init; }

    /// <summary>What the documentation says instead of the Development default, where that is no plain value.</summary>
    public string? DevelopmentNote { get; init; }

    /// <summary>What the documentation says instead of the Production default, where that is no plain value.</summary>
    public string? ProductionNote { get; init; }

    /// <summary>Whether Production does not start without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>What it means and may be, for the documentation.</summary>
    public required string Rule { get; init; }

    /// <summary>A value for the documentation, never a secret.</summary>
    public required string Example { get; init; }

    /// <summary>Taken character by character; blanks around other values are nobody's intention and fall off.</summary>
    public bool IsExact { get; init; }

    /// <summary>Comma-separated, and in JSON an array as well.</summary>
    public bool IsList { get; init; }

    /// <summary>Whether an empty value says something; everywhere else it counts as absent.</summary>
    public bool MayBeEmpty { get; init; }

    /// <summary>Whether it holds a secret: then <see cref="File"/> may name a file with the value in it.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The setting that names a file with this one's value; null where there is none.</summary>
    public Setting? File => IsSecret ? new(Name + "_FILE", Key + "File") { Rule = "", Example = $"/run/secrets/{Name}" } : null;

    /// <summary>The <see cref="Key"/> as an environment variable.</summary>
    public string SectionVariable => Key.Replace(":", "__", StringComparison.Ordinal);

    /// <summary>All keys that mean this setting, the strongest first.</summary>
    public IEnumerable<string> Spellings => [Name, .. Aliases, Key];
}

/// <summary>Settings that belong together, for the documentation.</summary>
internal sealed record SettingGroup(string Title, string Introduction, IReadOnlyList<Setting> Settings);
