using System.CommandLine;
using System.Data.Common;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.FileSystem;

namespace Orion.Cli.Doctor;

/// <summary><c>orion doctor</c>.</summary>
internal static class DoctorCommand
{
    private const int Worst = 2;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    internal static Command Build(Terminal terminal)
    {
        var beforeMigrating = new Option<bool>("--before-migrating")
        {
            Description = "For a deployment: migrations that are pending are as they should be.",
        };
        return new Command("doctor", """
            Look at everything that the service depends on: settings, files, addresses to listen on, database, clocks, disk; and say what to do about what is wrong.
            It changes nothing that is there.

              docker compose exec api orion doctor

            Exit code by the worst: 0 all passed, 1 a warning, 2 something failed.
            """) { beforeMigrating }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                var surroundings = ConfigurationContext.OfThisProcess(terminal.EnvironmentName);
                var reading = surroundings.Read();
                List<DoctorResult> symptoms = [.. SettingsExamination.Problems(reading)];
                if (reading.CanStart)
                {
                    symptoms.AddRange(SettingsExamination.Examine(reading.Settings, reading.Warnings, surroundings.EnvironmentName));
                    symptoms.AddRange(MachineExamination.Judge(PrivateFiles.Of(surroundings.Configuration, reading.Settings)));
                    symptoms.AddRange(await ListeningExamination.Examine(reading.Settings.Listening, cancellationToken));
                    symptoms.AddRange(await ExamineDatabase(reading.Settings, parsed.GetValue(beforeMigrating), cancellationToken));
                    symptoms.Add(await BackupExamination.Examine(reading.Settings, Timeout, cancellationToken));
                    symptoms.AddRange(ProxyExamination.Judge(reading.Settings.RequireHttps, reading.Settings.TrustedProxies, ProxyExamination.GatewayOfContainer()));
                    symptoms.Add(ExamineDisk(reading.Settings.DataFolder ?? surroundings.WorkingDirectory));
                    if (reading.Settings.Database.NetworkFileSystem is { } kind) symptoms.Add(MachineExamination.OnNetwork(reading.Settings.Database, kind));
                }
                else
                {
                    symptoms.AddRange(SettingsExamination.Warnings(reading.Warnings));
                    symptoms.Add(new DoctorResult("database", Health.Warn, "not looked at", "Correct the settings first."));
                }

                var worst = symptoms.Max(symptom => symptom.Health);
                Report(terminal, symptoms, worst);
                return worst switch
                {
                    Health.Pass => ExitCodes.Success,
                    Health.Warn => ExitCodes.Failed,
                    _ => Worst,
                };
            });
    }

    private static async Task<IReadOnlyList<DoctorResult>> ExamineDatabase(OrionSettings settings, bool beforeMigrating, CancellationToken cancellationToken)
    {
        await using var host = OrionHost.Build(settings);
        try
        {
            if (settings.Database.IsMissing)
            {
                var missing = await host.Migrator.Pending(cancellationToken);
                return
                [
                    new DoctorResult("database", Health.Pass, $"{settings.Database.Address} does not exist yet: the first start, or orion migrate, makes it"),
                    JudgeMigrations(missing.Count, [], beforeMigrating),
                ];
            }

            var condition = await Task.Run(() => host.Diagnosis.Ask(cancellationToken), cancellationToken).WaitAsync(Timeout, cancellationToken);
            var pending = await host.Migrator.Pending(cancellationToken).WaitAsync(Timeout, cancellationToken);
            return
            [
                condition.NotWritable is { } flaw
                    ? new DoctorResult("database", Health.Fail, $"{settings.Database.Address} answers, and cannot be written: {flaw.What}", flaw.Fix)
                    : new DoctorResult("database", Health.Pass, $"{settings.Database.Address} answers, and can be written"),
                JudgeMigrations(pending.Count, condition.TablesWithoutRights, beforeMigrating),
                .. DatabaseExamination.Judge(condition),
            ];
        }
        catch (Exception exception) when (host.IsTransientError(exception) || exception.GetBaseException() is DbException)
        {
            var (what, fix) = host.Explain(exception);
            return [new DoctorResult("database", Health.Fail, $"{settings.Database.Address} cannot be used: {what}", fix)];
        }
    }

    private static DoctorResult JudgeMigrations(int pending, IReadOnlyList<string> withoutRights, bool beforeMigrating)
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

    // The data folder may be missing before the first start.
    private static DoctorResult ExamineDisk(string folder)
    {
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent) folder = parent;
        return MachineExamination.JudgeDisk(folder, new DriveInfo(folder).AvailableFreeSpace);
    }

    private static void Report(Terminal terminal, List<DoctorResult> symptoms, Health worst) => terminal.Report(
        new { worst, checks = symptoms },
        output =>
        {
            Table.Write(output, ["", "SUBJECT", "FOUND"], [.. symptoms.SelectMany(Rows)]);
            output.WriteLine();
            output.WriteLine(string.Join(", ", Enum.GetValues<Health>().Select(health => $"{symptoms.Count(symptom => symptom.Health == health)} {Word(health)}")));
        });

    private static IEnumerable<string[]> Rows(DoctorResult symptom)
    {
        yield return [Word(symptom.Health), symptom.Subject, symptom.Found];
        if (symptom.Advice.Length > 0) yield return ["", "", $"→ {symptom.Advice}"];
    }

    private static string Word(Health health) => health switch
    {
        Health.Pass => "pass",
        Health.Warn => "warn",
        _ => "FAIL",
    };
}
