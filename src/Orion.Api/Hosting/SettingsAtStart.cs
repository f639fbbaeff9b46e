using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Configuration.DotEnv;

namespace Orion.Api.Hosting;

/// <summary>Reads the settings before anything else is built.</summary>
internal static class SettingsAtStart
{
    /// <summary>The settings.</summary>
    /// <exception cref="StartupRefusedException">Some are not accepted; the message names all of them.</exception>
    internal static OrionSettings ReadSettings(this WebApplicationBuilder builder)
    {
        var environment = builder.Environment.EnvironmentName;
        builder.Configuration.AddOrionEnvFile(environment, Environment.CurrentDirectory);
        var reading = SettingsReader.Read(builder.Configuration, environment, Environment.CurrentDirectory);
        if (!reading.CanStart) throw new StartupRefusedException(StartupRefusal.Format(reading.Problems, environment, reading.Warnings));

        List<string> warnings = [.. reading.Warnings];
        if (reading.Settings.Database.NetworkFileSystem is { } kind)
            warnings.Add($"The database's file is on {kind}, a network file system: two processes on it lose each other's writes. Use a local disk, or PostgreSQL.");
        builder.Services.AddSingleton<IHostedService>(provider => new SettingWarnings(warnings, provider.GetRequiredService<ILogger<OrionSettings>>()));
        return reading.Settings;
    }
}

/// <summary>The settings are not accepted.</summary>
/// <param name="message">Every problem with its fix, for a terminal.</param>
internal sealed class StartupRefusedException(string message) : Exception(message);

/// <summary>Tells the operator, at each start, what is allowed and yet worth a thought.</summary>
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
