using System.Globalization;
using Orion.Infrastructure.Availability;

namespace Orion.Cli.Doctor;

/// <summary>Judges what a database says of itself.</summary>
internal static class DatabaseExamination
{
    private static readonly TimeSpan SlowAnswer = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan NoticeableSkew = TimeSpan.FromSeconds(2);

    // The verifier bears 60 s ahead; whoever is at half of that is on the way there.
    private static readonly TimeSpan DangerousSkew = TimeSpan.FromSeconds(30);

    /// <summary>Everything but whether it is migrated.</summary>
    internal static IEnumerable<DoctorResult> Judge(DatabaseCondition database)
    {
        yield return database.IsVersionKept
            ? new DoctorResult("database version", Health.Pass, database.Version)
            : new DoctorResult("database version", Health.Warn, database.Version, "PostgreSQL no longer keeps it: upgrade the server.");
        yield return Milliseconds(database.Latency) is var latency && database.Latency < SlowAnswer
            ? new DoctorResult("latency", Health.Pass, latency)
            : new DoctorResult("latency", Health.Warn, latency, "Every request waits for it several times: bring database and service closer.");
        if (database.Tls is { } tls) yield return Judge(tls);
        if (database.Connections is { } connections) yield return Judge(connections);
        if (database.Comparison is { } comparison) yield return Judge(comparison);
        if (database.MigrationFailure is { } failure)
            yield return new DoctorResult("migration database", Health.Fail, $"MIGRATION_DATABASE_URL cannot be used: {failure.What}", failure.Fix);
        if (database.ClockAhead is { } ahead) yield return JudgeClock(ahead);
        if (database.IsSuperuser)
        {
            yield return new DoctorResult(
                "database role",
                Health.Warn,
                "may do everything on the server",
                "Give the service a role of its own: docs/operations.md, \"Two roles\".");
        }
    }

    private static DoctorResult Judge(ConnectionTls tls)
    {
        const string subject = "database TLS";
        if (tls.Protocol is { } protocol)
        {
            return tls.VerifiesServer
                ? new DoctorResult(subject, Health.Pass, $"{protocol}, the server is verified")
                : new DoctorResult(subject, Health.Warn, $"{protocol}, the server's name is not verified", "Write sslmode=verify-full.");
        }

        // Plain text to another host is something that the settings must have asked for: without sslmode it is verify-full.
        const string advice = "Write sslmode=verify-full, unless the network between is private, as compose's is.";
        return tls.IsLocal
            ? new DoctorResult(subject, Health.Pass, "plain text that stays on this machine")
            : new DoctorResult(subject, Health.Warn, "plain text to another host", advice);
    }

    private static DoctorResult Judge(ConnectionNeeds needs)
    {
        const string subject = "connections";
        var instance = needs.Pool + needs.Check;
        var found = $"{instance} for an instance ({needs.Pool} and {needs.Check} for the check), of {needs.Limit} that the server gives";
        if (instance > needs.Limit) return new DoctorResult(subject, Health.Fail, found, "Lower DB_POOL_SIZE: under load connections would be refused.");
        if (needs.Backup > needs.BackupLimit)
            return new DoctorResult(subject, Health.Fail, $"{needs.Backup} for a backup, of {needs.BackupLimit} that the server gives to its role", "Raise the role's limit.");
        // What a backup takes is taken from the same role's connections, or from those of all roles.
        if (instance + needs.Backup > (needs.BackupIsOther ? needs.All : needs.Limit))
            return new DoctorResult(subject, Health.Warn, $"{found}; a backup takes {needs.Backup} more", "Lower DB_POOL_SIZE: under load a backup finds none left.");
        return instance * 2 > needs.Limit
            ? new DoctorResult(subject, Health.Warn, found, "A second instance, as during a deploy, finds too few: lower DB_POOL_SIZE.")
            : new DoctorResult(subject, Health.Pass, found);
    }

    private static DoctorResult Judge(DatabaseComparison comparison) => comparison.Match switch
    {
        DatabaseMatch.Same => new("migration database", Health.Pass, comparison.What),
        DatabaseMatch.Different => new("migration database", Health.Fail, comparison.What, DatabaseComparison.Advice),
        _ => new("migration database", Health.Warn, comparison.What, "As a superuser: GRANT EXECUTE ON FUNCTION pg_control_system() TO both roles."),
    };

    private static DoctorResult JudgeClock(TimeSpan ahead)
    {
        const string subject = "clocks";
        const string advice = "Set the clocks by NTP: tokens and times depend on them.";
        var skew = ahead.Duration();
        var found = $"the database is {Milliseconds(skew)} {(ahead < TimeSpan.Zero ? "behind" : "ahead")}";
        if (skew > DangerousSkew) return new DoctorResult(subject, Health.Fail, found, advice);
        return skew > NoticeableSkew ? new DoctorResult(subject, Health.Warn, found, advice) : new DoctorResult(subject, Health.Pass, found);
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");
}
