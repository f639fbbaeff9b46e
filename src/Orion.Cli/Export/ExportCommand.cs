using System.CommandLine;
using Orion.Application.Export;
using Orion.Application.Messaging;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Domain.Users;

namespace Orion.Cli.Export;

/// <summary><c>orion export</c>.</summary>
internal static class ExportCommand
{
    internal static Command Build(Terminal terminal)
    {
        var user = Options.Email("--user", "Only this user, on the allow-list or not. By default all users on the allow-list.");
        return new Command("export", """
            Write all sessions of one user, or of all users on the allow-list, to standard output as NDJSON (UTF-8, one object per line).
            For each user: the user, the sessions, the messages, and their numbers.

              (umask 077; orion export > all.ndjson)
              orion export --user you@example.com | gzip > you.ndjson.gz

            Memory does not grow with the number of messages. The service may run: changes during the export may or may not be included,
            and each session has as many messages as its own line states. orion import --file reads the output, into either database. Without
            --user it contains everything except stored idempotent responses, the allow-list, and users who were removed from it.

            Exit codes: 0 the export is complete; 1 the user is unknown, or a session was deleted meanwhile; 69 the database became
            unavailable; 74 the output could not be written. After a failure the file is incomplete, and an import reports that.
            """) { user }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                var callers = await FindUsers(host, parsed.GetValue(user), cancellationToken);
                await using var output = terminal.OpenOutput();
                for (var i = 0; i < callers.Count; i++)
                {
                    using var progress = new Progress(terminal, host.Clock, $"messages of {callers[i].Email}");
                    await new ArchiveExporter(host.Dispatcher, callers[i], output, progress).Run(callers.Count - i - 1, cancellationToken);
                }

                await output.FlushAsync(cancellationToken);
                terminal.Advise($"orion: {Counted.Of(callers.Count, "user")} exported from {host.Settings.Database.Address}.");
                return ExitCodes.Success;
            });
    }

    private static async Task<IReadOnlyList<Caller>> FindUsers(OrionHost host, EmailAddress? only, CancellationToken cancellationToken)
    {
        var list = await host.Dispatcher.SendOrThrow(new ListOwners(), cancellationToken);
        var callers = list.Owners.Where(owner => only is null ? owner.IsAuthorized : owner.Caller.Email == only).Select(owner => owner.Caller).ToList();
        return callers.Count > 0 || only is null
            ? callers
            : throw new CommandFailedException($"{only} is not on the allow-list, and never was. See: orion users list");
    }
}
