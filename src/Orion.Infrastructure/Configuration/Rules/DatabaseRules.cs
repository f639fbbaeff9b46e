using Microsoft.Data.Sqlite;
using Npgsql;
using Orion.Infrastructure.FileSystem;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>A database that the settings name. Nothing has been made of it yet.</summary>
/// <param name="Postgres">The PostgreSQL database, or null.</param>
/// <param name="SqlitePath">The SQLite file, as it is written, or null.</param>
internal sealed record DatabaseChoice(PostgresTarget? Postgres, string? SqlitePath)
{
    /// <summary>Whether the file stands in the data folder.</summary>
    public bool NeedsDataFolder => SqlitePath is not null && !Path.IsPathRooted(SqlitePath);
}

/// <summary>Checks the settings that say where the data is.</summary>
internal static class DatabaseRules
{
    private const string SqliteScheme = "sqlite:";

    private static readonly Setting[] Parts =
    [
        SettingsTable.DatabasePort, SettingsTable.DatabaseName, SettingsTable.DatabaseUser, SettingsTable.DatabasePassword,
        SettingsTable.DatabaseSsl, SettingsTable.DatabaseRootCertificate,
    ];

    /// <summary>The database that was chosen; null after a problem.</summary>
    public static DatabaseChoice? Choose(SettingsCheck check)
    {
        var url = check.Given(SettingsTable.DatabaseUrl);
        var host = check.Given(SettingsTable.DatabaseHost);
        if (url is null && host is not null) return OfParts(check, host.Value);
        if (url is not null && host is not null)
        {
            check.Warn($"{url.Spelling} ({url.Place}) and {host.Spelling} ({host.Place}) are both set: {url.Spelling} counts, " +
                "the DB_ parts are passed over.");
        }

        if (url is null && Parts.FirstOrDefault(p => check.Given(p) is not null) is { } stray)
            check.Warn($"{stray.Name} is set without {SettingsTable.DatabaseHost.Name}, and is passed over.");

        if (check.Text(SettingsTable.DatabaseUrl) is { } text) return OfUrl(check, SettingsTable.DatabaseUrl, text);
        check.RefuseMissing(SettingsTable.DatabaseUrl,
            $"Set it, for example {SettingsTable.DatabaseUrl.Name}=postgresql://user:password@db.example.com:5432/orion_core, or set " +
            $"{SettingsTable.DatabaseHost.Name} and its companions. Production never falls back to an empty embedded database.");
        return null;
    }

    /// <summary>The database that migrating uses, where it is another role's; it must be of the same kind.</summary>
    public static PostgresTarget? Migration(SettingsCheck check, DatabaseChoice? choice)
    {
        if (check.Text(SettingsTable.MigrationUrl) is not { } text) return null;
        if (OfUrl(check, SettingsTable.MigrationUrl, text) is not { } migration) return null;
        if (migration.Postgres is null || choice is { Postgres: null })
        {
            check.Refuse(SettingsTable.MigrationUrl, new(
                "has a use with PostgreSQL alone, for both URLs", "Remove it: the embedded database has no roles."));
        }

        return migration.Postgres;
    }

    /// <summary>The connection string of an SQLite file. The file is there by then: opening must never make an empty one by
    /// accident.</summary>
    public static string ToConnectionString(string sqlitePath) =>
        new SqliteConnectionStringBuilder { DataSource = sqlitePath, Mode = SqliteOpenMode.ReadWrite }.ConnectionString;

    /// <summary>What is wrong with how a database is reached, or null.</summary>
    public static SettingError? TlsFlaw(PostgresTarget target, bool isDevelopment) =>
        target.EffectiveSslMode is SslMode.Prefer or SslMode.Allow && !isDevelopment
            ? new("has the sslmode prefer or allow, which anyone on the way can turn into plain text",
                "Write verify-full, or disable where plain text is meant.")
            : null;

    /// <summary>Whether the password and all data travel to another host in plain text, because somebody said so.</summary>
    public static bool IsInTheClear(PostgresTarget target) => target.EffectiveSslMode == SslMode.Disable && !target.IsLocal;

    private static DatabaseChoice? OfUrl(SettingsCheck check, Setting setting, string text)
    {
        if (text.StartsWith(SqliteScheme, StringComparison.OrdinalIgnoreCase)) return OfPath(check, setting, text[SqliteScheme.Length..]);
        if (!DatabaseUrl.IsPostgres(text))
        {
            check.Refuse(setting, new(
                "begins neither with postgresql:// nor with sqlite:", "Write postgresql://user:password@host:port/name or sqlite:PATH."));
            return null;
        }

        var (target, flaw) = DatabaseUrl.Read(text, check.WorkingDirectory);
        if (target is not null) return CheckTls(check, setting, target);
        check.Refuse(setting, flaw!);
        return null;
    }

    private static DatabaseChoice? OfPath(SettingsCheck check, Setting setting, string path)
    {
        if (CheckPath(path) is not { } flaw) return new DatabaseChoice(null, path);
        check.Refuse(setting, flaw);
        return null;
    }

    private static SettingError? CheckPath(string path)
    {
        const string Fix = "Write sqlite:orion.db for a file in the data folder, or sqlite: and a full path.";
        if (path.Length == 0 || path.EndsWith('/') || path.Any(char.IsControl)) return new("names no file", Fix);
        if (path.StartsWith(':') || path.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            return new("is not a path: what is in memory is lost with the process", Fix);
        if (path.StartsWith("//", StringComparison.Ordinal)) return new("has slashes after sqlite: that are no part of a path", Fix);
        if (!Path.IsPathRooted(path)) return path.Split('/', '\\').Contains("..") ? new("leaves the data folder", Fix) : null;

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
        {
            return new(
                $"names a file in a folder that does not exist, {folder}",
                "Make the folder, for the account that Orion runs as alone (chmod 700).");
        }

        if (Directory.Exists(path)) return new("names a folder", Fix);
        // The rule of the data folder: a database is not less secret for being named in full.
        return DataFolder.CheckPrivate(folder) is null ? null : new(
            $"names a file in a folder, {folder}, that is a symbolic link or open to its group or others",
            $"Run: chmod 700 {folder}. Or set ORION_DATA_DIR={folder} and write sqlite:{Path.GetFileName(path)}: the data folder's rules know Kubernetes' fsGroup.");
    }

    private static DatabaseChoice? OfParts(SettingsCheck check, string host)
    {
        var before = check.Problems.Count;
        var bare = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        if (DatabaseUrl.CheckHost(bare) is { } flaw) check.Refuse(SettingsTable.DatabaseHost, flaw);
        var user = check.Text(SettingsTable.DatabaseUser);
        if (string.IsNullOrWhiteSpace(user)) check.RefuseMissing(SettingsTable.DatabaseUser);
        var target = new PostgresTarget
        {
            Host = bare,
            Port = check.Number(SettingsTable.DatabasePort, 1, 65535),
            Name = check.Text(SettingsTable.DatabaseName)!,
            User = user ?? "",
            Password = check.Text(SettingsTable.DatabasePassword),
            SslMode = Ssl(check),
        };
        if (check.Text(SettingsTable.DatabaseRootCertificate) is { } root) target = WithRootCertificate(check, target, root);
        return check.Problems.Count == before ? CheckTls(check, SettingsTable.DatabaseSsl, target) : null;
    }

    private static SslMode? Ssl(SettingsCheck check)
    {
        if (check.Text(SettingsTable.DatabaseSsl) is not { } text) return null;
        if (SettingsCheck.ReadFlag(text) is { } flag) return flag ? SslMode.VerifyFull : SslMode.Disable;
        if (PostgresTarget.ReadSslMode(text) is { } mode) return mode;
        check.Refuse(SettingsTable.DatabaseSsl, new(
            "is neither true, false nor an sslmode of libpq", "Write true, false, disable, require, verify-ca or verify-full."));
        return null;
    }

    private static PostgresTarget WithRootCertificate(SettingsCheck check, PostgresTarget target, string root)
    {
        var (trusting, flaw) = DatabaseUrl.Trust(target, root, check.WorkingDirectory);
        if (flaw is not null) check.Refuse(SettingsTable.DatabaseRootCertificate, flaw);
        return trusting ?? target;
    }

    private static DatabaseChoice? CheckTls(SettingsCheck check, Setting setting, PostgresTarget target)
    {
        if (TlsFlaw(target, check.IsDevelopment) is { } flaw)
        {
            check.Refuse(setting, flaw);
            return null;
        }

        if (IsInTheClear(target))
            check.Warn($"{setting.Name} switches TLS off to a database on another host: the password and all data travel in plain text.");
        return new DatabaseChoice(target, null);
    }
}
