using Orion.Application.Export;
using Orion.Application.Messaging;
using Orion.Application.Retention;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;

namespace Orion.Cli.Doctor;

/// <summary>Checks whether sessions that have expired are deleted.</summary>
internal static class RetentionChecks
{
    private const string Subject = "retention";

    // The service deletes a session within an hour of its expiry.
    private static readonly TimeSpan Overdue = TimeSpan.FromHours(2);

    internal static async Task<DoctorResult> Run(OrionHost host, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await Count(host, cancellationToken).WaitAsync(timeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new DoctorResult(Subject, Health.Warn, "not checked in time", "orion retention --dry-run counts the due sessions without a time limit.");
        }
    }

    private static async Task<DoctorResult> Count(OrionHost host, CancellationToken cancellationToken)
    {
        if (await host.TryOpen(cancellationToken) is { } failure) return new DoctorResult(Subject, Health.Warn, "not checked", failure.Message);

        var (due, overdue) = (DueSessions.None, DueSessions.None);
        foreach (var owner in (await host.Dispatcher.SendOrThrow(new ListOwners(), cancellationToken)).Owners)
        {
            due += await host.Dispatcher.SendOrThrow(new CountDueSessions(owner.Caller), cancellationToken);
            overdue += await host.Dispatcher.SendOrThrow(new CountDueSessions(owner.Caller, Overdue), cancellationToken);
        }

        return Evaluate(host.Settings.Retention, due, overdue);
    }

    internal static DoctorResult Evaluate(RetentionPolicy policy, DueSessions due, DueSessions overdue)
    {
        var rule = policy.MaxAge is not null
            ? $"sessions without a change for {Counted.Of(policy.Days, "day")} are deleted; {due.Unchanged} are due"
            : "only temporary sessions are deleted (RETENTION_DAYS is 0)";
        return overdue.Expired == 0
            ? new DoctorResult(Subject, Health.Pass, rule)
            : new DoctorResult(
                Subject,
                Health.Warn,
                $"{Counted.Of(overdue.Expired, "session")} expired more than {Overdue.TotalHours} hours ago; {rule}",
                "Only a running service deletes them. If it runs, look in its log for the reason; orion retention deletes them now.");
    }
}
