namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>Checks the levels of the log, which .NET's logging reads by itself.</summary>
internal static class LoggingRules
{
    private const string Section = "Logging";
    private static readonly string[] Levels = ["Trace", "Debug", "Information", "Warning", "Error", "Critical", "None"];

    public static void Check(SettingsCheck check)
    {
        foreach (var (key, value, place) in check.Under(Section))
        {
            if (!key.Contains(":LogLevel:", StringComparison.OrdinalIgnoreCase) || value.Length == 0) continue;
            var isLevel = Levels.Contains(value, StringComparer.OrdinalIgnoreCase) || value is [>= '0' and <= '6'];
            if (!isLevel) check.Refuse(ConfigurationLookup.Written(key), new("is no level of the log", $"Write {string.Join(", ", Levels[..^1])} or {Levels[^1]}."), place);
        }
    }
}
