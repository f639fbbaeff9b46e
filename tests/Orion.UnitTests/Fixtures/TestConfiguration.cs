using Microsoft.Extensions.Configuration;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Configuration.DotEnv;

namespace Orion.UnitTests.Fixtures;

/// <summary>A working directory with a configuration as a host builds it. It is deleted at the end of the test.</summary>
internal sealed class TestConfiguration : IDisposable
{
    public const string Secret = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF";

    public string Folder { get; } = Directory.CreateTempSubdirectory("orion-settings-").FullName;

    /// <summary>The variables of the environment, <c>Section__Key</c> ones included.</summary>
    public Dictionary<string, string?> Variables { get; } = [];

    public Dictionary<string, string?> AppSettings { get; } = [];

    /// <summary>The value of <c>ORION_ENV_FILE</c> in the real environment.</summary>
    public string? NamedEnvFile { get; set; }

    public string EnvFilePath => Path.Combine(Folder, ".env");

    /// <summary>A configuration that is valid in Production. A test changes one setting.</summary>
    public static TestConfiguration Working() => new()
    {
        Variables =
        {
            ["ORION_SHARED_JWT_SECRET"] = Secret,
            ["JWT_ISSUER"] = "https://chat.example.com",
            ["AUTHORIZED_USER_EMAIL"] = "owner@example.com",
            ["ALLOWED_ORIGINS"] = "https://chat.example.com",
            ["DATABASE_URL"] = "postgresql://orion:hunter2@db.example.com/orion_core",
        },
    };

    public TestConfiguration With(string name, string? value)
    {
        if (value is null) Variables.Remove(name);
        else Variables[name] = value;
        return this;
    }

    public TestConfiguration WithEnvFile(string text)
    {
        File.WriteAllText(EnvFilePath, text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(EnvFilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return this;
    }

    public IConfigurationRoot Configuration(string environmentName) => (IConfigurationRoot)new ConfigurationManager()
        .AddInMemoryCollection(AppSettings)
        .AddOrionEnvFile(environmentName, Folder, name => name == "ORION_ENV_FILE" ? NamedEnvFile : null)
        .AddInMemoryCollection(Variables.Select(v => KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), v.Value)));

    public SettingsReading Read(string environmentName = "Production") => SettingsReader.Read(Configuration(environmentName),
        environmentName, Folder);

    /// <summary>The settings of a valid configuration.</summary>
    public OrionSettings Settings(string environmentName = "Production")
    {
        var reading = Read(environmentName);
        Assert.Empty(reading.Problems);
        return reading.Settings!;
    }

    /// <summary>The only problem of an invalid configuration.</summary>
    public SettingProblem Problem(string environmentName = "Production")
    {
        var reading = Read(environmentName);
        Assert.Null(reading.Settings);
        return Assert.Single(reading.Problems);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
