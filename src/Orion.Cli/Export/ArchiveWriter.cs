using Orion.Application.Export;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Cli.Execution;
using Orion.Cli.Import;
using Orion.Cli.Reporting;
using Orion.Domain.Sessions;

namespace Orion.Cli.Export;

/// <summary>Writes one user's part of an export.</summary>
internal sealed class ArchiveWriter(OrionHost host, Caller caller, TextWriter output, Progress progress)
{
    // An id and a number for each session: with these the messages are those that the session's line speaks of.
    private readonly List<(SessionId Id, int Messages)> _sessions = [];
    private long _messages;
    private long _written;

    /// <summary>Writes everything.</summary>
    /// <param name="usersToCome">How many users follow.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    internal async Task Write(int usersToCome, CancellationToken cancellationToken)
    {
        Write(new ArchiveStart(ArchiveStart.CurrentFormat, caller.Email.Value));
        await WriteSessions(cancellationToken);
        foreach (var (id, count) in _sessions) await WriteMessages(new ReadMessages(caller, id, null), count, cancellationToken);
        Write(new ArchiveEnd(_sessions.Count, _written, usersToCome));
    }

    private async Task WriteSessions(CancellationToken cancellationToken)
    {
        SessionPosition? after = null;
        do
        {
            var page = await host.SendOrThrow(new ReadSessions(caller, after), cancellationToken);
            foreach (var session in page.Sessions)
            {
                Write(ArchivedSession.From(session));
                _sessions.Add((session.Id, session.MessageCount));
                _messages += session.MessageCount;
            }

            after = page.Next;
        }
        while (after is not null);
    }

    private async Task WriteMessages(ReadMessages query, int count, CancellationToken cancellationToken)
    {
        var left = count;
        while (left > 0)
        {
            var outcome = await host.Send(query, cancellationToken);
            if (outcome.Error is not null) throw Deleted();
            foreach (var message in outcome.Value.Messages.Take(left))
            {
                Write(ArchivedMessage.From(message));
                left--;
                progress.Show(++_written, _messages);
            }

            if (left == 0) return;
            // Fewer messages than the session's line counts: only a deletion takes any away.
            query = query with { After = outcome.Value.Next ?? throw Deleted() };
        }

        CommandRefusedException Deleted() => new($"The session {query.Session} was deleted meanwhile. Run it again.");
    }

    private void Write(ArchiveLine line)
    {
        output.Write(line.Write());
        output.Write('\n');
    }
}
