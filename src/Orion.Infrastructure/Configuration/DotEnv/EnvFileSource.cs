using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Orion.Infrastructure.Configuration.DotEnv;

/// <summary>Lets a <c>.env</c> take part in the configuration.</summary>
public static class EnvFileConfiguration
{
    /// <summary>
    /// Reads the <c>.env</c> and places it just below the environment variables: above <c>appsettings*.json</c> and user secrets, below
    /// the environment and the command line. Of its names those of Orion's own settings are taken alone. It never throws:
    /// what is wrong with the file is one of the problems that <see cref="SettingsReader"/> reports.
    /// </summary>
    /// <param name="builder">A builder that has the environment variables already; without any the file becomes the strongest source so
    /// far.</param>
    /// <param name="environmentName">The host's environment: outside Development the file must not be a link, nor writable by
    /// others.</param>
    /// <param name="workingDirectory">The folder of <c>.env</c>, and what a relative <c>ORION_ENV_FILE</c> is relative to.</param>
    /// <param name="environment">Reads a variable of the real environment; null reads the process's own.</param>
    public static IConfigurationBuilder AddOrionEnvFile(
        this IConfigurationBuilder builder, string environmentName, string workingDirectory, Func<string, string?>? environment = null)
    {
        var named = (environment ?? Environment.GetEnvironmentVariable)(EnvFileReading.PathVariable);
        var isDevelopment = SettingsReader.IsDevelopment(environmentName);
        var source = new EnvFileSource(EnvFileReading.Read(named, Path.GetFullPath(workingDirectory), isDevelopment));

        var variables = builder.Sources
            .OfType<EnvironmentVariablesConfigurationSource>()
            .LastOrDefault(s => string.IsNullOrEmpty(s.Prefix));
        builder.Sources.Insert(variables is null ? builder.Sources.Count : builder.Sources.IndexOf(variables), source);
        return builder;
    }
}

/// <summary>A <c>.env</c> that has been read once: reloading the configuration does not read it again.</summary>
internal sealed class EnvFileSource(EnvFileReading reading) : IConfigurationSource
{
    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new EnvFileProvider(reading);
}

/// <summary>The settings of a <c>.env</c>, and the names in it that are none.</summary>
internal sealed class EnvFileProvider : ConfigurationProvider
{
    public EnvFileProvider(EnvFileReading reading)
    {
        Reading = reading;
        foreach (var (name, value) in reading.Values)
        {
            if (SettingsTable.Knows(name)) Data[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)] = value;
        }
    }

    /// <summary>The file and what became of it.</summary>
    public EnvFileReading Reading { get; }

    /// <summary>Names that no setting has, in the order of the alphabet.</summary>
    public IReadOnlyList<string> PassedOver => [.. Reading.Values.Keys.Where(n => !SettingsTable.Knows(n)).Order(StringComparer.Ordinal)];
}
