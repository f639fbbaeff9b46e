using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.Hosting;

/// <summary>
/// A start that a library ends because of a setting that it reads by itself: said in the form of every other refusal, without a stack
/// trace. What can be known before the start is checked by <see cref="SettingsReader"/>.
/// </summary>
internal static class StartFailure
{
    // A library's message may be a page.
    private const int LongestReason = 300;

    /// <summary>The exit code where another program listens on an address: it may end, so a supervisor goes on trying.</summary>
    private const int Taken = 1;

    /// <summary>Whether an exception is of the kinds that libraries throw for what they read, and not a defect.</summary>
    internal static bool IsOfSettings(Exception exception) => exception is IOException or UnauthorizedAccessException or SocketException
        or InvalidOperationException or FormatException or ArgumentException or CryptographicException or OptionsValidationException or InvalidDataException
        or NotSupportedException;

    /// <summary>Writes what keeps Orion from starting.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="settings">The settings, where they were read.</param>
    /// <param name="environmentName">The environment, where it is known.</param>
    /// <returns>The exit code.</returns>
    internal static async Task<int> Report(Exception exception, OrionSettings? settings = null, string environmentName = "Production")
    {
        var refused = settings is null || SystemdService.HasSockets ? [] : ListenProbe.Try(settings.Listening);
        IReadOnlyList<SettingProblem> problems = refused.Count > 0
            ? [.. refused.Select(problem => problem.Problem)]
            : [ConfigurationFile.ProblemOf(exception) ?? Unknown(exception)];
        await Console.Error.WriteAsync(StartupRefusal.Format(problems, environmentName));
        return refused.Count > 0 && refused.All(problem => problem.IsTaken) ? Taken : StartupRefusal.ExitCode;
    }

    private static SettingProblem Unknown(Exception exception)
    {
        var reason = exception.Message.ReplaceLineEndings(" ");
        if (reason.Length > LongestReason) reason = reason[..LongestReason] + "…";
        return new SettingProblem(
            "A setting",
            $"is not accepted by the library that reads it ({reason.TrimEnd('.')})",
            "a setting that is none of docs/settings.md, of ASP.NET, .NET's logging or OpenTelemetry",
            "Correct it, or remove it.");
    }
}
