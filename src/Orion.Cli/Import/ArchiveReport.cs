using Orion.Application.Import.Archive;
using Orion.Cli.Execution;

namespace Orion.Cli.Import;

/// <summary>Reports the import of an archive.</summary>
internal static class ArchiveReport
{
    internal static void Write(Terminal terminal, string database, IReadOnlyList<ArchiveUserImport> users, bool dryRun) => terminal.Report(
        new
        {
            database,
            dryRun,
            users = users.Select(user => new
            {
                user = user.Caller.Email.Value,
                sessions = new
                {
                    found = user.Sessions,
                    added = user.SessionsAdded,
                    left = user.Skipped.Select(id => id.Value),
                    incomplete = user.Missing.Keys.Select(id => id.Value),
                },
                messages = new { found = user.Messages, added = user.MessagesAdded, missing = user.Missing.Values.Sum(count => (long)count) },
            }),
        },
        output =>
        {
            output.WriteLine(dryRun ? $"Nothing was written to {database}. An import would do this:" : $"Imported into {database}:");
            if (users.Count == 0) output.WriteLine("The file has no sessions.");
            foreach (var user in users)
            {
                output.WriteLine($"{user.Caller.Email}: {user.SessionsAdded} of {user.Sessions} sessions and "
                    + $"{user.MessagesAdded} of {user.Messages} messages are new.");
                foreach (var id in user.Skipped)
                {
                    var missing = user.Missing.TryGetValue(id, out var count) ? $"; {count} of its messages in the file are missing here" : "";
                    output.WriteLine($"  skipped: {id} was changed here, or is a different session with the same id{missing}");
                }
            }
        });
}
