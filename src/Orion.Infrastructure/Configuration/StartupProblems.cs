using System.Globalization;
using System.Text;

namespace Orion.Infrastructure.Configuration;

/// <summary>The message of a failed start.</summary>
public static class StartupProblems
{
    /// <summary>The exit code of a process that does not start because of its settings (EX_CONFIG of <c>sysexits.h</c>).</summary>
    public const int ExitCode = 78;

    /// <summary>Formats all problems with their fixes for a terminal. Ends with a line break.</summary>
    /// <param name="problems">The problems.</param>
    /// <param name="environmentName">The environment whose rules apply.</param>
    /// <param name="warnings">Warnings: an unknown name may be the misspelled name of a missing setting.</param>
    /// <param name="isCommand">Whether a command reports them, not the service.</param>
    public static string Format(
        IReadOnlyList<SettingProblem> problems, string environmentName, IReadOnlyList<string>? warnings = null, bool isCommand = false)
    {
        var text = new StringBuilder();
        var count = problems.Count == 1 ? "1 problem" : string.Create(CultureInfo.InvariantCulture, $"{problems.Count} problems");
        var title = isCommand ? $"The settings have {count}" : $"Orion does not start: {count} with its settings";
        text.Append(CultureInfo.InvariantCulture, $"{title} (environment: {environmentName}).\n");
        foreach (var (index, problem) in problems.Index())
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{index + 1,3}. {problem.Variable} {problem.What}.\n");
            text.Append(CultureInfo.InvariantCulture, $"     Where: {problem.Where}\n");
            text.Append(CultureInfo.InvariantCulture, $"     Fix:   {problem.Fix}\n");
        }

        if (warnings is { Count: > 0 }) text.Append("\nAlso:\n");
        foreach (var warning in warnings ?? []) text.Append(CultureInfo.InvariantCulture, $"  -  {warning}\n");
        return text.Append("\ndocs/settings.md explains every setting.\n").ToString();
    }
}
