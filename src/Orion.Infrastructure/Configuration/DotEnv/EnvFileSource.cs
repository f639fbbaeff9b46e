using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Orion.Infrastructure.Configuration.DotEnv;

/// <summary>Adds a <c>.env</c> to the configuration.</summary>
public static class EnvFileConfiguration
{
    /// <summary>
    /// Adds the <c>.env</c> with a precedence below the environment and the command line, and above <c>appsettings*.json</c> and user
    /// secrets. Only the names of Orion's own settings are used. It never throws: <see cref="SettingsReader"/> reports the problems of the
    /// file.
    /// </summary>
    /// <param name="builder">A builder with the environment variables in it. Without them, the file takes precedence over all sources so far.</param>
    /// <param name="environmentName">The host's environment. Outside of Development, the file must not be a link or writable by others.</param>
    /// <param name="workingDirectory">The folder of <c>.env</c>, and the base of a relative <c>ORION_ENV_FILE</c>.</param>
    /// <param name="environment">Reads an environment variable; null for those of the process.</param>
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

/// <summary>A <c>.env</c> that has been read. Reloading the configuration does not read it again.</summary>
internal sealed class EnvFileSource(EnvFileReading reading) : IConfigurationSource
{
    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new EnvFileProvider(reading);
}

/// <summary>The settings of a <c>.env</c>, and its other names.</summary>
internal sealed class EnvFileProvider : ConfigurationProvider
{
    public EnvFileProvider(EnvFileReading reading)
    {
        Reading = reading;
        foreach (var (name, value) in reading.Values)
        {
            if (SettingGroups.Contains(name)) Data[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)] = value;
        }
    }

    /// <summary>The file.</summary>
    public EnvFileReading Reading { get; }

    /// <summary>The names that are not settings, in alphabetical order.</summary>
    public IReadOnlyList<string> Ignored => [.. Reading.Values.Keys.Where(n => !SettingGroups.Contains(n)).Order(StringComparer.Ordinal)];
}
