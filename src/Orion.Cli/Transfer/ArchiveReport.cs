using Orion.Cli.Running;

namespace Orion.Cli.Transfer;

/// <summary>Says what came of an export's takeover.</summary>
internal static class ArchiveReport
{
    internal static void Write(Terminal terminal, IReadOnlyList<ArchiveImport> users, bool dryRun) => terminal.Report(
        new
        {
            dryRun,
            users = users.Select(user => new
            {
                user = user.Caller.Email.Value,
                sessions = new { found = user.Sessions, added = user.SessionsAdded, left = user.Left.Select(id => id.Value) },
                messages = new { found = user.Messages, added = user.MessagesAdded },
            }),
        },
        output =>
        {
            if (dryRun) output.WriteLine("Nothing was written. This would come of it:");
            foreach (var user in users)
            {
                output.WriteLine($"{user.Caller.Email}: {user.SessionsAdded} of {user.Sessions} sessions and "
                    + $"{user.MessagesAdded} of {user.Messages} messages were not here before.");
                foreach (var id in user.Left) output.WriteLine($"  left: {id} was changed here, or is another with the same id");
            }
        });
}
