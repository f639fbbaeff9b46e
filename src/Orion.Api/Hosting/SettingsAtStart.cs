using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Configuration.DotEnv;

namespace Orion.Api.Hosting;

/// <summary>Reads and checks the settings before anything else is built.</summary>
internal static class SettingsAtStart
{
    /// <exception cref="InvalidSettingsException">Some settings are invalid; the message names all of them.</exception>
    internal static OrionSettings ReadSettings(this WebApplicationBuilder builder)
    {
        var environment = builder.Environment.EnvironmentName;
        builder.Configuration.AddOrionEnvFile(environment, Environment.CurrentDirectory);
        var reading = SettingsReader.Read(builder.Configuration, environment, Environment.CurrentDirectory);
        if (!reading.CanStart) throw new InvalidSettingsException(StartupProblems.Format(reading.Problems, environment, reading.Warnings));

        List<string> warnings = [.. reading.Warnings];
        if (reading.Settings.Database.NetworkFileSystem is { } kind)
        {
            warnings.Add($"The database file is on {kind}, a network file system, where two processes overwrite each other's writes. " +
                "Use a local disk, or PostgreSQL.");
        }

        builder.Services.AddSingleton<IHostedService>(provider => new SettingWarnings(warnings, provider.GetRequiredService<ILogger<OrionSettings>>()));
        return reading.Settings;
    }
}

/// <summary>The settings are invalid.</summary>
/// <param name="message">Every problem and how to fix it, for a terminal.</param>
internal sealed class InvalidSettingsException(string message) : Exception(message);

/// <summary>Logs, at each start, settings that are valid but risky.</summary>
internal sealed partial class SettingWarnings(IReadOnlyList<string> warnings, ILogger<OrionSettings> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in warnings) LogWarning(warning);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(4001, LogLevel.Warning, "{Warning}")]
    private partial void LogWarning(string warning);
}
