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
        var user = Options.Email("--user", "Only this user, who may be off the allow-list. Without it: everyone on the allow-list.");
        return new Command("export", """
            Write everything of a user, or of everyone on the allow-list, to standard output as NDJSON (UTF-8, an object a line): whose it
            is, the sessions, the messages, and how many there were; then the next user.

              (umask 077; orion export > all.ndjson)
              orion export --user you@example.com | gzip > you.ndjson.gz

            Memory does not grow with the messages. The service may run: what is written meanwhile may or may not be in it, and each
            session has the messages that its own line counts. orion import --file reads it again, on either database. Without --user it
            is everything but idempotent answers, the allow-list itself, and those who were taken off it.

            Exit codes: 0 all of it was written; 1 nobody is known by that address, or a session was deleted meanwhile; 69 the database
            was lost; 74 the output could not be written. Whatever is not 0 has left a file that import calls not whole.
            """) { user }.Does(terminal, async (parsed, cancellationToken) =>
            {
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                var callers = await Whose(host, parsed.GetValue(user), cancellationToken);
                await using var output = terminal.OpenOutput();
                for (var i = 0; i < callers.Count; i++)
                {
                    using var progress = new Progress(terminal, host.Clock, $"messages of {callers[i].Email}");
                    await new ArchiveWriter(host, callers[i], output, progress).Write(callers.Count - i - 1, cancellationToken);
                }

                await output.FlushAsync(cancellationToken);
                terminal.Advise($"orion: {callers.Count} users exported from {host.Settings.Database.Address}.");
                return ExitCodes.Success;
            });
    }

    private static async Task<IReadOnlyList<Caller>> Whose(OrionHost host, EmailAddress? asked, CancellationToken cancellationToken)
    {
        var owners = (await host.SendOrThrow(new ListOwners(), cancellationToken)).Owners;
        var wanted = owners.Where(owner => asked is null ? owner.IsAuthorized : owner.Caller.Email == asked);
        IReadOnlyList<Caller> callers = [.. wanted.Select(owner => owner.Caller)];
        return callers.Count > 0 || asked is null
            ? callers
            : throw new CommandRefusedException($"{asked} is not, and never was, on the allow-list. See: orion users list");
    }
}
