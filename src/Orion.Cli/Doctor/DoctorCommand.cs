using System.CommandLine;
using System.Data.Common;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Infrastructure.FileSystem;

namespace Orion.Cli.Doctor;

/// <summary><c>orion doctor</c>.</summary>
internal static class DoctorCommand
{
    private const int ExitCodeFail = 2;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    internal static Command Build(Terminal terminal)
    {
        var beforeMigrating = new Option<bool>("--before-migrating")
        {
            Description = "For a deployment: pending migrations are not a problem.",
        };
        return new Command("doctor", """
            Check everything that the service depends on: settings, files, listen addresses, database, replication, Redis, clocks, disk and
            model; and advise on each problem. It changes nothing. With several instances, run it where each of them runs: it compares the
            clock of the machine with those of the database and Redis.

              docker compose exec api orion doctor

            The worst result decides the exit code: 0 all checks passed, 1 a warning, 2 a failure.
            """) { beforeMigrating }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                var context = ConfigurationContext.OfThisProcess(terminal.EnvironmentName);
                var reading = context.Read();
                List<DoctorResult> results = [.. SettingsChecks.Problems(reading)];
                if (reading.CanStart)
                {
                    results.AddRange(SettingsChecks.Evaluate(reading.Settings, reading.Warnings, context.EnvironmentName));
                    results.AddRange(MachineChecks.Evaluate(PrivateFiles.Of(context.Configuration, reading.Settings)));
                    results.AddRange(await ListenChecks.Run(reading.Settings.Listening, cancellationToken));
                    await using var host = OrionHost.Build(reading.Settings);
                    results.AddRange(await CheckDatabase(host, parsed.GetValue(beforeMigrating), cancellationToken));
                    results.AddRange(await ReplicationChecks.Run(host, cancellationToken));
                    results.AddRange(await RedisChecks.Run(reading.Settings.Redis, cancellationToken));
                    results.Add(await BackupChecks.Run(host, Timeout, cancellationToken));
                    results.Add(await ModelChecks.Run(reading.Settings.Model, cancellationToken));
                    results.AddRange(ProxyChecks.Evaluate(reading.Settings.RequireHttps, reading.Settings.TrustedProxies, ProxyChecks.GatewayOfContainer()));
                    results.Add(CheckDisk(reading.Settings.DataFolder ?? context.WorkingDirectory));
                    if (reading.Settings.Database.NetworkFileSystem is { } kind) results.Add(MachineChecks.OnNetwork(reading.Settings.Database, kind));
                }
                else
                {
                    results.AddRange(SettingsChecks.Warnings(reading.Warnings));
                    results.Add(new DoctorResult("database", Health.Warn, "not checked", "Correct the settings first."));
                }

                var worst = results.Max(result => result.Health);
                Report(terminal, results, worst);
                return worst switch
                {
                    Health.Pass => ExitCodes.Success,
                    Health.Warn => ExitCodes.Failed,
                    _ => ExitCodeFail,
                };
            });
    }

    private static async Task<IReadOnlyList<DoctorResult>> CheckDatabase(OrionHost host, bool beforeMigrating, CancellationToken cancellationToken)
    {
        var database = host.Settings.Database;
        try
        {
            if (database.IsMissing)
            {
                var missing = await host.Migrator.Pending(cancellationToken);
                return
                [
                    new DoctorResult("database", Health.Pass, $"{database.Address} does not exist yet: the first start, or orion migrate, creates it"),
                    EvaluateMigrations(missing.Count, [], beforeMigrating),
                ];
            }

            var condition = await Task.Run(() => host.Diagnosis.Read(cancellationToken), cancellationToken).WaitAsync(Timeout, cancellationToken);
            var pending = await host.Migrator.Pending(cancellationToken).WaitAsync(Timeout, cancellationToken);
            return
            [
                condition.NotWritable is { } problem
                    ? new DoctorResult("database", Health.Fail, $"{database.Address} responds, but cannot be written to: {problem.What}", problem.Fix)
                    : new DoctorResult("database", Health.Pass, $"{database.Address} responds, and can be written to"),
                EvaluateMigrations(pending.Count, condition.TablesWithoutRights, beforeMigrating),
                .. DatabaseChecks.Evaluate(condition),
                .. pending.Count > 0 || condition.TablesWithoutRights.Count > 0
                    ? (DoctorResult[])[]
                    : [await RetentionChecks.Run(host, Timeout, cancellationToken)],
            ];
        }
        catch (Exception exception) when (host.IsTransientError(exception) || exception.GetBaseException() is DbException)
        {
            var (what, fix) = host.Explain(exception);
            return [new DoctorResult("database", Health.Fail, $"{database.Address} cannot be used: {what}", fix)];
        }
    }

    private static DoctorResult EvaluateMigrations(int pending, IReadOnlyList<string> withoutRights, bool beforeMigrating)
    {
        const string subject = "migrations";
        if (withoutRights.Count > 0)
        {
            return new DoctorResult(
                subject,
                beforeMigrating ? Health.Warn : Health.Fail,
                $"the role of DATABASE_URL lacks rights on {string.Join(", ", withoutRights)}",
                "Run orion migrate with MIGRATION_DATABASE_URL naming the role that owns the tables: it grants SELECT, INSERT, UPDATE and DELETE.");
        }

        if (pending == 0) return new DoctorResult(subject, Health.Pass, "none pending");
        return beforeMigrating
            ? new DoctorResult(subject, Health.Pass, $"{pending} pending, to be applied next")
            : new DoctorResult(subject, Health.Fail, $"{pending} pending", "Run: orion migrate, or start the service with MIGRATE_ON_START=true.");
    }

    // Before the first start the data folder may be missing.
    private static DoctorResult CheckDisk(string folder)
    {
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent) folder = parent;
        return MachineChecks.EvaluateDisk(folder, new DriveInfo(folder).AvailableFreeSpace);
    }

    private static void Report(Terminal terminal, List<DoctorResult> results, Health worst) => terminal.Report(
        new { worst, checks = results },
        output =>
        {
            Table.Write(output, ["", "SUBJECT", "FOUND"], [.. results.SelectMany(Rows)]);
            output.WriteLine();
            output.WriteLine(string.Join(", ", Enum.GetValues<Health>().Select(health => $"{results.Count(result => result.Health == health)} {Word(health)}")));
        });

    private static IEnumerable<string[]> Rows(DoctorResult result)
    {
        yield return [Word(result.Health), result.Subject, result.Found];
        if (result.Advice.Length > 0) yield return ["", "", $"→ {result.Advice}"];
    }

    private static string Word(Health health) => health switch
    {
        Health.Pass => "pass",
        Health.Warn => "warn",
        _ => "FAIL",
    };
}
