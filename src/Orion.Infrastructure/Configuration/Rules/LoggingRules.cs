namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>Checks the log levels, which .NET reads by itself.</summary>
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
            if (!isLevel) check.AddProblem(ConfigurationLookup.VariableOf(key), new("is not a log level", $"Use {string.Join(", ", Levels[..^1])} or {Levels[^1]}."), place);
        }
    }
}
