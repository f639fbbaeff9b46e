using System.Globalization;
using System.Text;

namespace Orion.Infrastructure.Configuration;

/// <summary>The one message of a start that does not happen.</summary>
public static class StartupRefusal
{
    /// <summary>The exit code of a process that does not start for its settings (EX_CONFIG of <c>sysexits.h</c>).</summary>
    public const int ExitCode = 78;

    /// <summary>All problems with their fixes, for a terminal; it ends with a line end.</summary>
    /// <param name="problems">What keeps Orion from starting.</param>
    /// <param name="environmentName">The environment whose rules hold.</param>
    /// <param name="warnings">What else was noticed: a name that nobody knows may be the misspelt one that is missing.</param>
    public static string Format(IReadOnlyList<SettingProblem> problems, string environmentName, IReadOnlyList<string>? warnings = null)
    {
        var text = new StringBuilder();
        var count = problems.Count == 1 ? "1 problem" : string.Create(CultureInfo.InvariantCulture, $"{problems.Count} problems");
        text.Append(CultureInfo.InvariantCulture, $"Orion does not start: {count} with its settings (environment: {environmentName}).\n");
        foreach (var (index, problem) in problems.Index())
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{index + 1,3}. {problem.Variable} {problem.What}.\n");
            text.Append(CultureInfo.InvariantCulture, $"     Where: {problem.Where}\n");
            text.Append(CultureInfo.InvariantCulture, $"     Fix:   {problem.Fix}\n");
        }

        if (warnings is { Count: > 0 }) text.Append("\nAlso:\n");
        foreach (var warning in warnings ?? []) text.Append(CultureInfo.InvariantCulture, $"  -  {warning}\n");
        return text.Append("\nEvery setting is explained in docs/settings.md.\n").ToString();
    }
}
