using System.Net;
using Microsoft.Extensions.Configuration;
using Orion.Application.Retention;
using Orion.Infrastructure.Configuration.DotEnv;
using Orion.Infrastructure.Configuration.Rules;
using Orion.Infrastructure.FileSystem;

namespace Orion.Infrastructure.Configuration;

/// <summary>Reads and checks all settings at startup, so that a problem does not surface in a request.</summary>
public static class SettingsReader
{
    /// <summary>
    /// Returns the settings, or all reasons why Orion does not start. If there are none, it creates the data folder, Development's own secret
    /// and the SQLite file, if they are needed and missing.
    /// </summary>
    /// <param name="configuration">The host's configuration, including <see cref="EnvFileConfiguration.AddOrionEnvFile"/>.</param>
    /// <param name="environmentName">The host's environment. All except Development have the rules of Production.</param>
    /// <param name="workingDirectory">The base of a relative <c>ORION_DATA_DIR</c> and <c>sslrootcert</c>.</param>
    /// <param name="createsFiles">
    /// Whether missing files are created. If not, <see cref="DatabaseSettings.IsMissing"/> states whether the SQLite file is missing, and
    /// <see cref="TokenSettings.Secret"/> is empty if Development's own is missing.
    /// </param>
    public static SettingsReading Read(
        IConfigurationRoot configuration, string environmentName, string workingDirectory, bool createsFiles = true)
    {
        var lookup = new ConfigurationLookup(configuration);
        var check = new SettingsCheck(lookup, IsDevelopment(environmentName), Path.GetFullPath(workingDirectory));
        check.CheckEnvFile();
        check.CheckForwardedHeaders();
        TelemetryRules.Check(check);
        LoggingRules.Check(check);

        var tokens = TokenRules.Read(check);
        var owner = NetworkRules.Owner(check);
        var origins = NetworkRules.AllowedOrigins(check);
        var choice = DatabaseRules.Choose(check);
        var migration = DatabaseRules.Migration(check, choice);
        var poolSize = check.Number(SettingsTable.PoolSize);
        var prepared = check.Flag(SettingsTable.PreparedStatements);
        var migrateOnStart = check.Flag(SettingsTable.MigrateOnStart);
        var folder = FolderPath(check, isNeeded: choice is { NeedsDataFolder: true } || (check.IsDevelopment && tokens.Secret.Length == 0));
        var backups = BackupPath(check);
        var port = check.Number(SettingsTable.Port);
        var requireHttps = check.Flag(SettingsTable.RequireHttps);
        var proxies = NetworkRules.TrustedProxies(check);
        var maxConnections = check.Number(SettingsTable.MaxConnections);
        var rateLimit = NetworkRules.RateLimit(check);
        var redis = RedisRules.Read(check);
        var model = ModelRules.Read(check);
        var replies = ModelRules.Limits(check);
        var retentionDays = check.Number(SettingsTable.RetentionDays);
        var showDatabase = check.Flag(SettingsTable.HealthShowDatabase);
        var apiDocs = check.Flag(SettingsTable.ApiDocs);
        var mcp = check.Flag(SettingsTable.Mcp);
        var listening = ListenRules.Read(check, port);
        var metrics = ListenRules.Metrics(check, listening);

        var (secret, sqlitePath) = check.Problems.Count == 0 ? Prepare(check, tokens.Secret, choice!, folder, createsFiles) : ("", null);
        if (tokens.PreviousSecret == secret && check.Problems.Count == 0) TokenRules.AddSameSecret(check);
        if (check.Problems.Count > 0)
        {
            check.WarnOfDevelopmentData();
            return new SettingsReading(null, check.Problems, check.Warnings);
        }

        return new SettingsReading(
            new OrionSettings
            {
                Port = port,
                Tokens = tokens with { Secret = secret },
                Owner = owner!,
                AllowedOrigins = origins,
                RateLimit = rateLimit,
                Redis = redis,
                Database = new DatabaseSettings
                {
                    Provider = sqlitePath is null ? DatabaseProvider.PostgreSql : DatabaseProvider.Sqlite,
                    ConnectionString = sqlitePath is null
                        ? choice!.Postgres!.ToConnectionString(poolSize, prepared)
                        : DatabaseRules.ToConnectionString(sqlitePath),
                    MigrationConnectionString = migration?.ToConnectionString(poolSize, prepared),
                    MigrateOnStart = migrateOnStart,
                    Address = sqlitePath is null ? choice!.Postgres!.Address : $"sqlite:{sqlitePath}",
                    MigrationAddress = migration?.Address ?? (sqlitePath is null ? choice!.Postgres!.Address : $"sqlite:{sqlitePath}"),
                    IsMissing = sqlitePath is not null && !createsFiles && !DataFolder.Exists(sqlitePath),
                    NetworkFileSystem = sqlitePath is null ? null : Mounts.NetworkFileSystemOf(sqlitePath),
                },
                DataFolder = folder is null ? null : FolderRule.PathIn(folder),
                BackupFolder = backups,
                RequireHttps = requireHttps,
                TrustedProxies = proxies,
                MaxConnections = maxConnections,
                Model = model,
                Replies = replies,
                Retention = new RetentionPolicy(retentionDays == 0 ? null : TimeSpan.FromDays(retentionDays)),
                HealthShowsDatabase = showDatabase,
                ApiDocs = apiDocs,
                Mcp = mcp,
                Listening = metrics is null ? listening : [.. listening, metrics],
                Metrics = metrics is null ? null : new IPEndPoint(metrics.Address!, metrics.Port),
            },
            [],
            check.Warnings);
    }

    /// <summary>Whether an environment is Development. Any other name, even a misspelled one, counts as Production.</summary>
    internal static bool IsDevelopment(string environmentName) => environmentName.Equals("Development", StringComparison.OrdinalIgnoreCase);

    private static string? FolderPath(SettingsCheck check, bool isNeeded)
    {
        if (!isNeeded) return null;
        if (check.Text(SettingsTable.DataDir) is not { } text)
        {
            check.AddMissing(SettingsTable.DataDir,
                "Name the folder of the embedded database, for example ORION_DATA_DIR=/var/lib/orion, or write a full path after sqlite:.");
            return null;
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            check.AddProblem(SettingsTable.DataDir, new("is not a path", "Name a folder."));
            return null;
        }

        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(text, check.WorkingDirectory));
        if (FolderRule.Check(path) is { } error) check.AddProblem(SettingsTable.DataDir, error);
        return path;
    }

    private static string? BackupPath(SettingsCheck check)
    {
        if (check.Text(SettingsTable.BackupDir) is not { } text) return null;
        if (Path.IsPathFullyQualified(text) && !text.Contains('\0', StringComparison.Ordinal))
            return Path.TrimEndingDirectorySeparator(Path.GetFullPath(text));
        check.AddProblem(SettingsTable.BackupDir, new("is not a full path", $"Start at the root, for example BACKUP_DIR={SettingsTable.BackupDir.Example}."));
        return null;
    }

    private static (string Secret, string? SqlitePath) Prepare(
        SettingsCheck check, string secret, DatabaseChoice choice, string? folderPath, bool createsFiles)
    {
        try
        {
            var folder = folderPath is null ? null : createsFiles ? DataFolder.Open(folderPath) : DataFolder.Find(folderPath);
            if (secret.Length == 0) secret = folder!.SharedSecret(createsFiles);
            if (choice.SqlitePath is not { } sqlitePath) return (secret, null);

            var path = Path.GetFullPath(sqlitePath, folder?.FullPath ?? check.WorkingDirectory);
            if (!createsFiles)
            {
                DataFolder.ThrowIfInaccessible(path);
                return (secret, path);
            }

            if (choice.NeedsDataFolder) folder!.CreateFolderOf(path);
            DataFolder.CreateDatabase(path);
            return (secret, path);
        }
        catch (SecretFileException e)
        {
            check.AddProblem(SettingsTable.Secret.Name, e.Error, e.Path);
            return ("", null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var (setting, what) = folderPath is null
                ? (SettingsTable.DatabaseUrl, "names a file that cannot be created")
                : (SettingsTable.DataDir, $"cannot be used. {e.Message.TrimEnd('.')}");
            check.AddProblem(setting, new(what, "Make the account that Orion runs as the owner of the folder, with mode 700."));
            return ("", null);
        }
    }
}
