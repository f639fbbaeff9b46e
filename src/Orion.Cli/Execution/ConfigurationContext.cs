using Microsoft.Extensions.Configuration;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Configuration.DotEnv;

namespace Orion.Cli.Execution;

/// <summary>
/// The sources of the settings: the same ones, in the same order, as those of a service that is started in the same folder. The API's
/// host builds this chain by default.
/// </summary>
/// <param name="Configuration">All sources; later ones override earlier ones.</param>
/// <param name="EnvironmentName">The environment; <c>Production</c> by default.</param>
/// <param name="WorkingDirectory">The base of relative paths.</param>
internal sealed record ConfigurationContext(IConfigurationRoot Configuration, string EnvironmentName, string WorkingDirectory)
{
    // The API's id, whose user secrets are read in Development.
    private const string UserSecretsId = "orion-api";

    /// <summary>Reads the sources of this process.</summary>
    /// <param name="environmentName">The value of <c>--environment</c>; null without it.</param>
    internal static ConfigurationContext OfThisProcess(string? environmentName)
    {
        var environment = environmentName ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
            ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? "Production";
        var folder = Environment.CurrentDirectory;
        var builder = new ConfigurationBuilder()
            // ASP.NET Core's host reads these without the prefix: ASPNETCORE_URLS becomes urls.
            .AddEnvironmentVariables("ASPNETCORE_")
            .AddEnvironmentVariables("DOTNET_")
            .SetBasePath(folder)
            .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
            .AddJsonFile($"appsettings.{environment}.json", optional: true, reloadOnChange: false);
        if (environment.Equals("Development", StringComparison.OrdinalIgnoreCase)) builder.AddUserSecrets(UserSecretsId);
        builder.AddEnvironmentVariables().AddOrionEnvFile(environment, folder);
        try
        {
            return new ConfigurationContext(builder.Build(), environment, folder);
        }
        catch (InvalidDataException exception) when (ConfigurationFile.ProblemOf(exception) is { } problem)
        {
            throw new CommandFailedException(StartupProblems.Format([problem], environment, isCommand: true), ExitCodes.Settings) { IsPage = true };
        }
    }

    /// <summary>Reads and validates the settings.</summary>
    /// <param name="createsFiles">Whether to create the data folder, its secret and the SQLite file if they are missing.</param>
    internal SettingsReading Read(bool createsFiles = false) => SettingsReader.Read(Configuration, EnvironmentName, WorkingDirectory, createsFiles);
}
