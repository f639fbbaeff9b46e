using Microsoft.Extensions.Configuration;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Configuration.DotEnv;

namespace Orion.Infrastructure.FileSystem;

/// <summary>The files that contain secrets and data, and whether other accounts on this machine have access to them.</summary>
public static class PrivateFiles
{
    /// <summary>Lists the existing files: the <c>.env</c> that was read, the data folder and its files, an SQLite file elsewhere.</summary>
    /// <param name="configuration">The host's configuration, including <see cref="EnvFileConfiguration.AddOrionEnvFile"/>.</param>
    /// <param name="settings">The settings that were read from it.</param>
    public static IReadOnlyList<PrivateFile> Of(IConfigurationRoot configuration, OrionSettings settings)
    {
        const string sqlite = "sqlite:";
        var env = new ConfigurationLookup(configuration).EnvFile?.Reading.Place;
        var paths = new List<string>();
        if (env is not null) paths.Add(env);
        if (settings.DataFolder is { } folder)
        {
            paths.Add(folder);
            if (Directory.Exists(folder)) paths.AddRange(Directory.EnumerateFiles(folder));
        }

        if (settings.Database.Provider == DatabaseProvider.Sqlite) paths.Add(settings.Database.Address[sqlite.Length..]);
        return
        [
            .. paths.Distinct().Where(path => File.Exists(path) || Directory.Exists(path))
                .Select(path => new PrivateFile(path, path == env ? FileModes.IsOpenBeyondGroupRead(path) : FileModes.IsOpenToOthers(path))),
        ];
    }
}

/// <summary>A file or folder that only Orion's account should have access to.</summary>
/// <param name="Path">The full path.</param>
/// <param name="IsOpenToOthers">Whether its group or others have any access.</param>
public sealed record PrivateFile(string Path, bool IsOpenToOthers);
