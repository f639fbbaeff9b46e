using System.CommandLine;
using Orion.Cli.Running;
using Orion.Domain.Users;

namespace Orion.Cli.Transfer;

/// <summary><c>orion import</c>.</summary>
internal static class ImportCommand
{
    private const string StandardInput = "-";

    internal static Command Build(Terminal terminal)
    {
        var file = new Option<string>("--file") { Description = "An export; - for standard input.", HelpName = "FILE", Required = true };
        var user = Options.Email("--user", "Whose it becomes; whose the export is where nobody is named.");
        return new Command("import", """
            Take over what orion export wrote: ids, times, order, texts and metadata exactly as they were.

              orion import --file you.ndjson

            Run again, also after an interruption, it goes on and doubles nothing. A session that was changed here since is left as it is,
            and said to be. Its user must be on the allow-list.
            """) { file, user }.Does(terminal, async (parsed, cancellationToken) =>
            {
                var name = parsed.GetValue(file)!;
                using var opened = name == StandardInput ? null : File.OpenText(name);
                var lines = opened ?? terminal.Input;
                var start = await lines.ReadLineAsync(cancellationToken) is { } first ? ArchiveLine.Read(first) as ArchiveStart : null;
                if (start is not { Format: ArchiveStart.CurrentFormat } || !EmailAddress.TryParse(start.UserId, out var named))
                    throw new CommandRefusedException("The file does not begin as an export of this version does.");

                await using var host = await OrionHost.Open(terminal, cancellationToken);
                var caller = await host.Become(parsed.GetValue(user) ?? named, cancellationToken);
                var import = new ArchiveImport(host, caller);
                await import.Run(lines, cancellationToken);
                Report(terminal, caller.Email, import);
                return ExitCodes.Success;
            });
    }

    private static void Report(Terminal terminal, EmailAddress user, ArchiveImport import) => terminal.Report(
        new
        {
            user = user.Value,
            sessions = new { found = import.Sessions, added = import.SessionsAdded, left = import.Left.Select(id => id.Value) },
            messages = new { found = import.Messages, added = import.MessagesAdded },
        },
        output =>
        {
            output.WriteLine($"{user}: {import.SessionsAdded} of {import.Sessions} sessions and {import.MessagesAdded} of {import.Messages} messages were not here before.");
            foreach (var id in import.Left) output.WriteLine($"left: {id} has been changed here, or is another with the same id");
        });
}
