using Microsoft.Extensions.Configuration;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Configuration.DotEnv;

namespace Orion.Cli.Execution;

/// <summary>
/// Where the command line looks for settings: where the service started in the same folder would, and in the same order. The
/// API's host builds the same chain by itself.
/// </summary>
/// <param name="Configuration">All sources, the strongest last.</param>
/// <param name="EnvironmentName">The environment, <c>Production</c> where none is named.</param>
/// <param name="WorkingDirectory">What relative paths are relative to.</param>
internal sealed record ConfigurationContext(IConfigurationRoot Configuration, string EnvironmentName, string WorkingDirectory)
{
    // The API's, whose user secrets are read in Development.
    private const string UserSecretsId = "orion-api";

    /// <summary>Those of this process.</summary>
    /// <param name="asked">The environment that the command line names, if it does.</param>
    internal static ConfigurationContext OfThisProcess(string? asked)
    {
        var environment = asked ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
            ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? "Production";
        var folder = Environment.CurrentDirectory;
        var builder = new ConfigurationBuilder()
            // What ASP.NET's host reads without its prefix: ASPNETCORE_URLS is urls.
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
            throw new CommandRefusedException(StartupRefusal.Format([problem], environment), ExitCodes.Settings) { IsPage = true };
        }
    }

    /// <summary>Reads and checks the settings.</summary>
    /// <param name="createsFiles">Whether the data folder, its secret and the SQLite file are made where they are missing.</param>
    internal SettingsReading Read(bool createsFiles = false) => SettingsReader.Read(Configuration, EnvironmentName, WorkingDirectory, createsFiles);
}
