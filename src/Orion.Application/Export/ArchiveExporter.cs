using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Application.Export;

/// <summary>Exports one user's part of an archive. Memory does not grow with the number of messages.</summary>
/// <param name="dispatcher">Runs the queries.</param>
/// <param name="caller">The user.</param>
/// <param name="output">Receives the lines.</param>
/// <param name="progress">Receives the number of exported messages and the total.</param>
public sealed class ArchiveExporter(IDispatcher dispatcher, Caller caller, TextWriter output, IProgress<(long Done, long Total)> progress)
{
    // The export contains as many messages of a session as its line states, even if more are appended meanwhile.
    private readonly List<(SessionId Id, int Messages)> _sessions = [];
    private long _total;
    private long _done;

    /// <summary>Writes all lines of the user.</summary>
    /// <param name="usersToCome">The number of users that follow in the archive.</param>
    /// <param name="cancellationToken">Cancels the export.</param>
    /// <exception cref="OperationFailedException">A session was deleted during the export.</exception>
    public async Task Run(int usersToCome, CancellationToken cancellationToken)
    {
        Write(new ArchiveStart(ArchiveStart.CurrentFormat, caller.Email.Value));
        await WriteSessions(cancellationToken);
        foreach (var (id, count) in _sessions) await WriteMessages(new ReadMessages(caller, id, null), count, cancellationToken);
        Write(new ArchiveEnd(_sessions.Count, _done, usersToCome));
    }

    private async Task WriteSessions(CancellationToken cancellationToken)
    {
        SessionPosition? after = null;
        do
        {
            var batch = await dispatcher.SendOrThrow(new ReadSessions(caller, after), cancellationToken);
            foreach (var session in batch.Sessions)
            {
                Write(ArchivedSession.From(session));
                _sessions.Add((session.Id, session.MessageCount));
                _total += session.MessageCount;
            }

            after = batch.Next;
        }
        while (after is not null);
    }

    private async Task WriteMessages(ReadMessages query, int count, CancellationToken cancellationToken)
    {
        var remaining = count;
        while (remaining > 0)
        {
            var result = await dispatcher.Send(query, cancellationToken);
            if (result.Error is not null) throw Deleted();
            foreach (var message in result.Value.Messages.Take(remaining))
            {
                Write(ArchivedMessage.From(message));
                remaining--;
                progress.Report((++_done, _total));
            }

            if (remaining == 0) return;
            // Only a deletion reduces the number of messages.
            query = query with { After = result.Value.Next ?? throw Deleted() };
        }

        OperationFailedException Deleted() => new(SessionErrors.NotFound with
        {
            Message = $"The session {query.Session} was deleted during the export. Run it again.",
        });
    }

    private void Write(ArchiveLine line)
    {
        output.Write(line.Write());
        output.Write('\n');
    }
}
