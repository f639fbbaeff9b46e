using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.Hosting;

/// <summary>
/// Reports a start that fails in a library because of a setting that the library reads by itself, in the form of all other invalid settings
/// and without a stack trace. <see cref="SettingsReader"/> checks everything that can be checked before the start.
/// </summary>
internal static class StartFailure
{
    // The message of a library may be a page long.
    private const int MaxReasonLength = 300;

    /// <summary>The exit code if another process already listens on the address. That process may end, so a supervisor retries.</summary>
    private const int AddressInUse = 1;

    /// <summary>Whether an exception has a type that libraries throw for invalid settings, and is not a defect.</summary>
    internal static bool IsOfSettings(Exception exception) => exception is IOException or UnauthorizedAccessException or SocketException
        or InvalidOperationException or FormatException or ArgumentException or CryptographicException or OptionsValidationException or InvalidDataException
        or NotSupportedException;

    /// <summary>Writes the cause to standard error.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="settings">The settings; null where they could not be read.</param>
    /// <param name="environmentName">The name of the environment.</param>
    /// <returns>The exit code.</returns>
    internal static async Task<int> Report(Exception exception, OrionSettings? settings = null, string environmentName = "Production")
    {
        var unavailable = settings is null || SystemdService.HasSockets ? [] : ListenProbe.FindProblems(settings.Listening);
        IReadOnlyList<SettingProblem> problems = unavailable.Count > 0
            ? [.. unavailable.Select(problem => problem.Problem)]
            : [ConfigurationFile.ProblemOf(exception) ?? Unknown(exception)];
        await Console.Error.WriteAsync(StartupProblems.Format(problems, environmentName));
        return unavailable.Count > 0 && unavailable.All(problem => problem.IsInUse) ? AddressInUse : StartupProblems.ExitCode;
    }

    private static SettingProblem Unknown(Exception exception)
    {
        var reason = exception.Message.ReplaceLineEndings(" ");
        if (reason.Length > MaxReasonLength) reason = reason[..MaxReasonLength] + "…";
        return new SettingProblem(
            "A setting",
            $"is not accepted by the library that reads it ({reason.TrimEnd('.')})",
            "a setting of ASP.NET Core, .NET logging or OpenTelemetry that is not in docs/settings.md",
            "Correct it, or remove it.");
    }
}
