namespace Orion.Infrastructure.Configuration;

/// <summary>A setting: its names, its defaults, and its rule.</summary>
/// <param name="Name">The environment variable.</param>
/// <param name="Key">The name in ASP.NET's configuration: <c>Section:Key</c>.</param>
internal sealed record Setting(string Name, string Key)
{
    /// <summary>Older variables with the same meaning. The name takes precedence over them.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The default in every environment.</summary>
    public string Default
    {
        init => (InDevelopment, InProduction) = (value, value);
    }

    /// <summary>The default in Development.</summary>
    public string? InDevelopment { get; init; }

    /// <summary>The default in Production.</summary>
    public string? InProduction { get; init; }

    /// <summary>What the documentation shows instead of the default, in every environment.</summary>
    public string Note
    {
        init => (DevelopmentNote, ProductionNote) = (value, value);
    }

    /// <summary>What the documentation shows instead of the default in Development.</summary>
    public string? DevelopmentNote { get; init; }

    /// <summary>What the documentation shows instead of the default in Production.</summary>
    public string? ProductionNote { get; init; }

    /// <summary>Whether Production does not start without a value.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The meaning and the accepted values, for the documentation.</summary>
    public required string Rule { get; init; }

    /// <summary>A value for the documentation, never a real secret.</summary>
    public required string Example { get; init; }

    /// <summary>The numbers that it accepts; null if it is not a number.</summary>
    public NumberRange? Range { get; init; }

    /// <summary>Whether spaces around the value are part of it. They are removed from other values.</summary>
    public bool IsExact { get; init; }

    /// <summary>Whether it is a comma-separated list, which can be an array in JSON.</summary>
    public bool IsList { get; init; }

    /// <summary>Whether an empty value is valid. For other settings it counts as absent.</summary>
    public bool MayBeEmpty { get; init; }

    /// <summary>Whether its value is a secret.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether its value can be in the file that <see cref="File"/> names. Every secret can.</summary>
    public bool HasFile
    {
        get => field || IsSecret;
        init;
    }

    /// <summary>The setting that names a file with this one's value; null if there is none.</summary>
    public Setting? File => HasFile ? new(Name + "_FILE", Key + "File") { Rule = "", Example = $"/run/secrets/{Name}" } : null;

    /// <summary>The <see cref="Key"/> as an environment variable.</summary>
    public string SectionVariable => Key.Replace(":", "__", StringComparison.Ordinal);

    /// <summary>All configuration keys of this setting, by descending precedence.</summary>
    public IEnumerable<string> Spellings => [Name, .. Aliases, Key];
}
