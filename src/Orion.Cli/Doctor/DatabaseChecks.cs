using Orion.Cli.Reporting;
using Orion.Infrastructure.Availability;

namespace Orion.Cli.Doctor;

/// <summary>Evaluates the state of the database.</summary>
internal static class DatabaseChecks
{
    private static readonly TimeSpan HighLatency = TimeSpan.FromMilliseconds(20);

    /// <summary>All results except that of the migrations.</summary>
    internal static IEnumerable<DoctorResult> Evaluate(DatabaseCondition database)
    {
        yield return database.IsVersionSupported
            ? new DoctorResult("database version", Health.Pass, database.Version)
            : new DoctorResult("database version", Health.Warn, database.Version, "PostgreSQL no longer supports this version: upgrade the server.");
        yield return Measured.Milliseconds(database.Latency) is var latency && database.Latency < HighLatency
            ? new DoctorResult("latency", Health.Pass, latency)
            : new DoctorResult("latency", Health.Warn, latency, "Every request waits for it several times: move the database closer to the service.");
        if (database.Tls is { } tls) yield return Evaluate(tls);
        if (database.Connections is { } connections) yield return Evaluate(connections);
        if (database.Comparison is { } comparison) yield return Evaluate(comparison);
        if (database.MigrationFailure is { } failure)
            yield return new DoctorResult("migration database", Health.Fail, $"MIGRATION_DATABASE_URL cannot be used: {failure.What}", failure.Fix);
        if (database.SessionsNotIndexed is { } count)
        {
            yield return new DoctorResult("search index", Health.Pass, count == 0
                ? "complete"
                : $"{Counted.Of(count, "session")} not indexed yet: the running service adds them in the background");
        }

        if (database.ClockAhead is { } ahead) yield return ClockChecks.Evaluate("the database", ahead);
        if (database.IsSuperuser)
        {
            yield return new DoctorResult(
                "database role",
                Health.Warn,
                "is a superuser",
                "Create a separate role for the service: docs/operations.md, \"Two roles\".");
        }
    }

    private static DoctorResult Evaluate(ConnectionTls tls)
    {
        const string subject = "database TLS";
        if (tls.Protocol is { } protocol)
        {
            return tls.VerifiesServer
                ? new DoctorResult(subject, Health.Pass, $"{protocol}, the server is verified")
                : new DoctorResult(subject, Health.Warn, $"{protocol}, the server's name is not verified", "Set sslmode=verify-full.");
        }

        // Only an explicit sslmode allows plain text to another host: the default is verify-full.
        const string advice = "Set sslmode=verify-full, unless the network is private, as in compose.";
        return tls.IsLocal
            ? new DoctorResult(subject, Health.Pass, "plain text that stays on this machine")
            : new DoctorResult(subject, Health.Warn, "plain text to another host", advice);
    }

    private static DoctorResult Evaluate(ConnectionNeeds needs)
    {
        const string subject = "connections";
        var instance = needs.Pool + needs.Check + needs.Replies;
        var found = $"{instance} for an instance ({needs.Pool}, {needs.Check} for the check and {needs.Replies} for replies), of {needs.Limit} that the server allows";
        if (instance > needs.Limit) return new DoctorResult(subject, Health.Fail, found, "Lower DB_POOL_SIZE: under load the server would reject connections.");
        if (needs.Backup > needs.BackupLimit)
            return new DoctorResult(subject, Health.Fail, $"{needs.Backup} for a backup, of {needs.BackupLimit} that the server allows for its role", "Raise the role's limit.");
        // A backup uses connections of the same role, or of the limit for all roles.
        if (instance + needs.Backup > (needs.BackupUsesOtherRole ? needs.All : needs.Limit))
            return new DoctorResult(subject, Health.Warn, $"{found}; a backup needs {needs.Backup} more", "Lower DB_POOL_SIZE: under load, a backup would get no connection.");
        return instance * 2 > needs.Limit
            ? new DoctorResult(subject, Health.Warn, found, "Too few for a second instance, as during a deployment: lower DB_POOL_SIZE.")
            : new DoctorResult(subject, Health.Pass, found);
    }

    private static DoctorResult Evaluate(DatabaseComparison comparison) => comparison.Match switch
    {
        DatabaseMatch.Same => new("migration database", Health.Pass, comparison.What),
        DatabaseMatch.Different => new("migration database", Health.Fail, comparison.What, DatabaseComparison.Advice),
        _ => new("migration database", Health.Warn, comparison.What, "As a superuser: GRANT EXECUTE ON FUNCTION pg_control_system() TO both roles."),
    };
}
