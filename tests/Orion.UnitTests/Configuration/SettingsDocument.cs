using System.Globalization;
using System.Text;
using Orion.Infrastructure.Configuration;

namespace Orion.UnitTests.Configuration;

/// <summary>Generates the list of all settings in <c>docs/settings.md</c>. The text before it is written by hand.</summary>
internal static class SettingsDocument
{
    private const string Heading = "## All settings\n";

    private const string Notice =
        "\n<!-- Generated from here on. Change SettingsTable.cs in src/Orion.Infrastructure/Configuration, then run the unit tests with " +
        "ORION_UPDATE_DOCS=1. -->\n\n";

    /// <summary>The document with an up-to-date list.</summary>
    internal static string Update(string document)
    {
        var text = new StringBuilder(document[..(document.IndexOf(Heading, StringComparison.Ordinal) + Heading.Length)]).Append(Notice);
        text.Append("| variable | Development | Production |\n|---|---|---|\n");
        foreach (var setting in SettingGroups.Settings)
            text.Append(CultureInfo.InvariantCulture, $"| [`{setting.Name}`](#{setting.Name.ToLowerInvariant()}) | {InDevelopment(setting)} | {InProduction(setting)} |\n");

        foreach (var group in SettingGroups.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {group.Title}\n\n{group.Introduction}\n");
            foreach (var setting in group.Settings) Append(text, setting);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Setting setting)
    {
        var isSentence = setting.Example.Contains('`', StringComparison.Ordinal) || setting.Example.Contains(' ', StringComparison.Ordinal);
        var (development, production) = (InDevelopment(setting), InProduction(setting));
        text.Append(CultureInfo.InvariantCulture, $"\n### {setting.Name}\n\n{setting.Rule}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"- Default: {(development == production ? development : $"{development} in Development; {production} in Production")}\n");
        if (setting.Aliases.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"- Older name: {string.Join(", ", setting.Aliases.Select(a => $"`{a}`"))}\n");
        text.Append(CultureInfo.InvariantCulture, $"- Section name: `{setting.Key}`, or `{setting.SectionVariable}` as a variable\n");
        text.Append(CultureInfo.InvariantCulture, $"- Example: {(isSentence ? setting.Example : $"`{setting.Name}={setting.Example}`")}\n");
    }

    private static string InDevelopment(Setting setting) => setting.DevelopmentNote ?? Code(setting.InDevelopment) ?? "none";

    private static string InProduction(Setting setting) =>
        setting.ProductionNote ?? Code(setting.InProduction) ?? (setting.IsRequired ? "**required**" : "none");

    private static string? Code(string? value) => value is null ? null : $"`{value}`";
}
