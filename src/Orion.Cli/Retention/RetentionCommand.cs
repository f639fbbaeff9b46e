using System.CommandLine;
using System.Globalization;
using Orion.Application.Export;
using Orion.Application.Messaging;
using Orion.Application.Retention;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;

namespace Orion.Cli.Retention;

/// <summary><c>orion retention</c>.</summary>
internal static class RetentionCommand
{
    internal static Command Build(Terminal terminal)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Delete nothing: only state what would be deleted." };
        return new Command("retention", """
            Delete the sessions that are due, with their messages: temporary sessions that have expired (expiresAt), and sessions that have
            not changed for RETENTION_DAYS. The running service does the same twice an hour. Only a backup or an export can restore them.

              orion retention --dry-run
              RETENTION_DAYS=365 orion retention --dry-run

            The output states the numbers for each user. A session that is being changed at the same time is left for the next run.
            """) { dryRun }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                var isDryRun = parsed.GetValue(dryRun);
                var users = new List<(string Email, DueSessions Sessions)>();
                foreach (var owner in (await host.Dispatcher.SendOrThrow(new ListOwners(), cancellationToken)).Owners)
                {
                    var sessions = isDryRun
                        ? await host.Dispatcher.SendOrThrow(new CountDueSessions(owner.Caller), cancellationToken)
                        : await Delete(host, owner.Caller, cancellationToken);
                    if (sessions.Count > 0) users.Add((owner.Caller.Email.Value, sessions));
                }

                Report(terminal, host.Settings.Retention, isDryRun, users);
                return ExitCodes.Success;
            });
    }

    private static async Task<DueSessions> Delete(OrionHost host, Caller owner, CancellationToken cancellationToken)
    {
        var batch = new DeleteDueSessions(owner, DeleteDueSessions.BatchSize);
        var all = DueSessions.None;
        while (true)
        {
            var deleted = await host.Dispatcher.SendOrThrow(batch, cancellationToken);
            all += deleted;
            if (!batch.IsFull(deleted)) return all;
        }
    }

    private static void Report(Terminal terminal, RetentionPolicy policy, bool isDryRun, List<(string Email, DueSessions Sessions)> users)
    {
        var total = users.Aggregate(DueSessions.None, (sum, user) => sum + user.Sessions);
        terminal.Report(
            new
            {
                dryRun = isDryRun,
                retentionDays = policy.Days,
                users = users.Select(user => new { user = user.Email, user.Sessions.Expired, user.Sessions.Unchanged, user.Sessions.Messages }),
            },
            output =>
            {
                if (users.Count > 0)
                {
                    Table.Write(
                        output,
                        ["USER", "EXPIRED", "UNCHANGED", "MESSAGES"],
                        [.. users.Select(user => (string[])[user.Email, Text(user.Sessions.Expired), Text(user.Sessions.Unchanged), Text(user.Sessions.Messages)])]);
                    output.WriteLine();
                }

                output.WriteLine(
                    $"{(isDryRun ? "Would be deleted" : "Deleted")}: {Counted.Of(total.Expired, "expired session")}, {Unchanged(policy, total.Unchanged)}, "
                    + $"{Counted.Of(total.Messages, "message")}.");
            });
    }

    private static string Unchanged(RetentionPolicy policy, int count) => policy.MaxAge is not null
        ? $"{Counted.Of(count, "session")} without a change for {Counted.Of(policy.Days, "day")}"
        : "no others (RETENTION_DAYS is 0)";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
