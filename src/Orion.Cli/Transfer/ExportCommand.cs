using System.CommandLine;
using Orion.Application.Sessions;
using Orion.Application.Transfer;
using Orion.Cli.Running;
using Orion.Domain.Sessions;

namespace Orion.Cli.Transfer;

/// <summary><c>orion export</c>.</summary>
internal static class ExportCommand
{
    internal static Command Build(Terminal terminal)
    {
        var user = Options.Email("--user", "Whose; the configured owner (AUTHORIZED_USER_EMAIL) where nobody is named.");
        return new Command("export", """
            Write everything of a user to standard output as NDJSON: a line each, sessions, then messages, and at the end how many there were.

              (umask 077; orion export --user you@example.com > you.ndjson)

            Memory does not grow with the messages. What is written while it runs may or may not be in it; each session is whole as of
            one moment. orion import --file reads it again.
            """) { user }.Does(terminal, async (parsed, cancellationToken) =>
            {
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                var caller = await host.Become(parsed.GetValue(user) ?? host.Settings.Owner, cancellationToken);
                var output = terminal.Output;
                await output.WriteLineAsync(new ArchiveStart(ArchiveStart.CurrentFormat, caller.Email.Value).Write());

                // An id and a number for each session: with these the messages are those that the session's line speaks of.
                var sessions = new List<(SessionId Id, int Messages)>();
                SessionPosition? after = null;
                do
                {
                    var page = await host.Need(new ReadSessions(caller, after), cancellationToken);
                    foreach (var session in page.Sessions)
                    {
                        await output.WriteLineAsync(ArchivedSession.From(session).Write());
                        sessions.Add((session.Id, session.MessageCount));
                    }

                    after = page.Next;
                }
                while (after is not null);

                var messages = 0L;
                foreach (var (id, count) in sessions) messages += await WriteMessages(host, new(caller, id, null), count, output, cancellationToken);
                await output.WriteLineAsync(new ArchiveEnd(sessions.Count, messages).Write());
                await output.FlushAsync(cancellationToken);
                return ExitCodes.Success;
            });
    }

    private static async Task<int> WriteMessages(
        OrionHost host, ReadMessages query, int count, TextWriter output, CancellationToken cancellationToken)
    {
        var written = 0;
        while (written < count)
        {
            var outcome = await host.Send(query, cancellationToken);
            if (outcome.Error is not null) throw new CommandRefusedException($"The session {query.Session} was deleted meanwhile. Run it again.");
            foreach (var message in outcome.Value.Messages.Take(count - written))
            {
                await output.WriteLineAsync(ArchivedMessage.From(message).Write());
                written++;
            }

            if (outcome.Value.Next is not { } next) break;
            query = query with { After = next };
        }

        return written;
    }
}
