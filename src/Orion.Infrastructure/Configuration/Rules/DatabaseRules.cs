using Microsoft.Data.Sqlite;
using Npgsql;
using Orion.Infrastructure.FileSystem;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>The configured database. No file has been created yet.</summary>
/// <param name="Postgres">The PostgreSQL database, or null.</param>
/// <param name="SqlitePath">The SQLite file as configured, or null.</param>
internal sealed record DatabaseChoice(PostgresTarget? Postgres, string? SqlitePath)
{
    /// <summary>Whether the file is in the data folder.</summary>
    public bool NeedsDataFolder => SqlitePath is not null && !Path.IsPathRooted(SqlitePath);
}

/// <summary>Checks the settings of the database.</summary>
internal static class DatabaseRules
{
    private const string SqliteScheme = "sqlite:";

    private static readonly Setting[] Parts =
    [
        SettingsTable.DatabasePort, SettingsTable.DatabaseName, SettingsTable.DatabaseUser, SettingsTable.DatabasePassword,
        SettingsTable.DatabaseSsl, SettingsTable.DatabaseRootCertificate,
    ];

    /// <summary>The configured database; null after a problem.</summary>
    public static DatabaseChoice? Choose(SettingsCheck check)
    {
        var url = check.Given(SettingsTable.DatabaseUrl);
        var host = check.Given(SettingsTable.DatabaseHost);
        if (url is null && host is not null) return FromParts(check, host.Value);
        if (url is not null && host is not null)
        {
            check.Warn($"{url.Spelling} ({url.Place}) and {host.Spelling} ({host.Place}) are both set. {url.Spelling} takes precedence, " +
                "and the DB_ settings are ignored.");
        }

        if (url is null && Parts.FirstOrDefault(p => check.Given(p) is not null) is { } ignored)
            check.Warn($"{ignored.Name} is set without {SettingsTable.DatabaseHost.Name}, and is ignored.");

        if (check.Text(SettingsTable.DatabaseUrl) is { } text) return FromUrl(check, SettingsTable.DatabaseUrl, text);
        check.AddMissing(SettingsTable.DatabaseUrl,
            $"Set it, for example {SettingsTable.DatabaseUrl.Name}=postgresql://user:password@db.example.com:5432/orion_core, or set " +
            $"{SettingsTable.DatabaseHost.Name} and the other DB_ settings. Production never falls back to an empty embedded database.");
        return null;
    }

    /// <summary>The database of migrations, if it is configured separately. It must be of the same type.</summary>
    public static PostgresTarget? Migration(SettingsCheck check, DatabaseChoice? choice)
    {
        if (check.Text(SettingsTable.MigrationUrl) is not { } text) return null;
        if (FromUrl(check, SettingsTable.MigrationUrl, text) is not { } migration) return null;
        if (migration.Postgres is null || choice is { Postgres: null })
        {
            check.AddProblem(SettingsTable.MigrationUrl, new(
                "works only with PostgreSQL, for both URLs", "Remove it: the embedded database has no roles."));
        }

        return migration.Postgres;
    }

    /// <summary>The connection string of an existing SQLite file. Opening it must never create an empty one by accident.</summary>
    public static string ToConnectionString(string sqlitePath) =>
        new SqliteConnectionStringBuilder { DataSource = sqlitePath, Mode = SqliteOpenMode.ReadWrite }.ConnectionString;

    /// <summary>The error in the TLS mode of a database; null if it is valid.</summary>
    public static SettingError? CheckSslMode(PostgresTarget target, bool isDevelopment) =>
        target.EffectiveSslMode is SslMode.Prefer or SslMode.Allow && !isDevelopment
            ? new("has the sslmode prefer or allow, which an attacker on the network can turn into plain text",
                "Use verify-full, or disable if plain text is intended.")
            : null;

    /// <summary>Whether the settings send the password and all data to another host in plain text.</summary>
    public static bool IsPlainText(PostgresTarget target) => target.EffectiveSslMode == SslMode.Disable && !target.IsLocal;

    private static DatabaseChoice? FromUrl(SettingsCheck check, Setting setting, string text)
    {
        if (text.StartsWith(SqliteScheme, StringComparison.OrdinalIgnoreCase)) return FromPath(check, setting, text[SqliteScheme.Length..]);
        if (!DatabaseUrl.IsPostgres(text))
        {
            check.AddProblem(setting, new(
                "begins neither with postgresql:// nor with sqlite:", "Set it to postgresql://user:password@host:port/name or sqlite:PATH."));
            return null;
        }

        var (target, error) = DatabaseUrl.Read(text, check.WorkingDirectory);
        if (target is not null) return CheckTls(check, setting, target);
        check.AddProblem(setting, error!);
        return null;
    }

    private static DatabaseChoice? FromPath(SettingsCheck check, Setting setting, string path)
    {
        if (CheckPath(path) is not { } error) return new DatabaseChoice(null, path);
        check.AddProblem(setting, error);
        return null;
    }

    private static SettingError? CheckPath(string path)
    {
        const string Fix = "Use sqlite:orion.db for a file in the data folder, or sqlite: and a full path.";
        if (path.Length == 0 || path.EndsWith('/') || path.Any(char.IsControl)) return new("does not name a file", Fix);
        if (path.StartsWith(':') || path.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            return new("is not a path. A database in memory is lost with the process", Fix);
        if (path.StartsWith("//", StringComparison.Ordinal)) return new("has slashes after sqlite: that are not part of a path", Fix);
        if (!Path.IsPathRooted(path)) return path.Split('/', '\\').Contains("..") ? new("leaves the data folder", Fix) : null;

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
        {
            return new(
                $"names a file in a folder that does not exist, {folder}",
                "Create the folder, with access only for the account that Orion runs as (chmod 700).");
        }

        if (Directory.Exists(path)) return new("names a folder", Fix);
        // The same rule as for the data folder.
        return FolderRule.CheckPrivate(folder) is null ? null : new(
            $"names a file in a folder, {folder}, that is a symbolic link or open to its group or others",
            $"Run: chmod 700 {folder}. Or set ORION_DATA_DIR={folder} and use sqlite:{Path.GetFileName(path)}: a data folder supports fsGroup of Kubernetes.");
    }

    private static DatabaseChoice? FromParts(SettingsCheck check, string host)
    {
        var problemsBefore = check.Problems.Count;
        var hostName = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        if (DatabaseUrl.CheckHost(hostName) is { } error) check.AddProblem(SettingsTable.DatabaseHost, error);
        var user = check.Text(SettingsTable.DatabaseUser);
        if (string.IsNullOrWhiteSpace(user)) check.AddMissing(SettingsTable.DatabaseUser);
        var target = new PostgresTarget
        {
            Hosts = [new(hostName, check.Number(SettingsTable.DatabasePort))],
            Name = check.Text(SettingsTable.DatabaseName)!,
            User = user ?? "",
            Password = check.Text(SettingsTable.DatabasePassword),
            SslMode = Ssl(check),
        };
        if (check.Text(SettingsTable.DatabaseRootCertificate) is { } root) target = WithRootCertificate(check, target, root);
        return check.Problems.Count == problemsBefore ? CheckTls(check, SettingsTable.DatabaseSsl, target) : null;
    }

    private static SslMode? Ssl(SettingsCheck check)
    {
        if (check.Text(SettingsTable.DatabaseSsl) is not { } text) return null;
        if (SettingsCheck.ReadFlag(text) is { } flag) return flag ? SslMode.VerifyFull : SslMode.Disable;
        if (PostgresTarget.ReadSslMode(text) is { } mode) return mode;
        check.AddProblem(SettingsTable.DatabaseSsl, new(
            "is neither true, false nor an sslmode of libpq", "Set it to true, false, disable, require, verify-ca or verify-full."));
        return null;
    }

    private static PostgresTarget WithRootCertificate(SettingsCheck check, PostgresTarget target, string root)
    {
        var (trusted, error) = DatabaseUrl.Trust(target, root, check.WorkingDirectory);
        if (error is not null) check.AddProblem(SettingsTable.DatabaseRootCertificate, error);
        return trusted ?? target;
    }

    private static DatabaseChoice? CheckTls(SettingsCheck check, Setting setting, PostgresTarget target)
    {
        if (CheckSslMode(target, check.IsDevelopment) is { } error)
        {
            check.AddProblem(setting, error);
            return null;
        }

        if (IsPlainText(target))
            check.Warn($"{setting.Name} turns TLS off for a database on another host. The password and all data are sent in plain text.");
        return new DatabaseChoice(target, null);
    }
}
