using System.Globalization;
using System.Text.Json;

namespace Orion.Infrastructure.Configuration;

/// <summary>A configuration file that .NET reads by itself: <c>appsettings*.json</c> and user secrets.</summary>
public static class ConfigurationFile
{
    /// <summary>The problem with such a file, without its content; null if the exception has another cause.</summary>
    public static SettingProblem? ProblemOf(Exception exception)
    {
        // "Failed to load configuration from file '…'."
        if (exception is not InvalidDataException { Message: var message } || message.Split('\'') is not [_, var path, ..]) return null;
        var line = exception.GetBaseException() is JsonException { LineNumber: { } number }
            ? string.Create(CultureInfo.InvariantCulture, $", see line {number + 1}")
            : "";
        return new SettingProblem(Path.GetFileName(path), $"is not valid JSON{line}", path, "Correct the file, or remove it.");
    }
}
