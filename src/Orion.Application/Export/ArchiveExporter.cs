using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Export;

/// <summary>
/// Exports one user's part of an archive. Memory does not grow with the number of messages, and no connection to the database is held while
/// the output is written.
/// </summary>
/// <param name="dispatcher">Runs the queries.</param>
/// <param name="caller">The user.</param>
/// <param name="output">Receives the lines.</param>
/// <param name="progress">Receives the number of exported messages and the total.</param>
public sealed class ArchiveExporter(IDispatcher dispatcher, Caller caller, TextWriter output, IProgress<(long Done, long Total)> progress)
{
    private static readonly ReadOnlyMemory<char> LineBreak = "\n".AsMemory();

    // The export contains as many messages of a session as its line states, even if more are appended meanwhile.
    private readonly List<(SessionId Id, int Messages)> _sessions = [];
    private long _total;
    private long _done;

    // A query reads few messages while they are large, because the database sends also those that do not fit into the batch.
    private int _limit = ReadMessages.MaxLimit;

    /// <summary>Writes all lines of the user.</summary>
    /// <param name="usersToCome">The number of users that follow in the archive.</param>
    /// <param name="cancellationToken">Cancels the export.</param>
    /// <exception cref="OperationFailedException">A session was deleted during the export.</exception>
    public async Task Run(int usersToCome, CancellationToken cancellationToken)
    {
        await Write(new ArchiveStart(ArchiveStart.CurrentFormat, caller.Email.Value), cancellationToken);
        await WriteSessions(cancellationToken);
        foreach (var (id, count) in _sessions) await WriteMessages(id, count, cancellationToken);
        await Write(new ArchiveEnd(_sessions.Count, _done, usersToCome), cancellationToken);
    }

    private async Task WriteSessions(CancellationToken cancellationToken)
    {
        SessionPosition? after = null;
        do
        {
            var batch = await dispatcher.SendOrThrow(new ReadSessions(caller, after), cancellationToken);
            foreach (var session in batch.Sessions)
            {
                await Write(ArchivedSession.From(session), cancellationToken);
                _sessions.Add((session.Id, session.MessageCount));
                _total += session.MessageCount;
            }

            after = batch.Next;
        }
        while (after is not null);
    }

    private async Task WriteMessages(SessionId id, int count, CancellationToken cancellationToken)
    {
        for (var written = 0; written < count;)
        {
            var result = await dispatcher.Send(new ReadMessages(caller, id, _limit, written), cancellationToken);
            // Only a deletion reduces the number of messages.
            if (result.Error is not null || result.Value.Messages.Count == 0) throw new OperationFailedException(ExportErrors.Deleted(id));
            _limit = result.Value.End == PageEnd.Size ? result.Value.Messages.Count : Math.Min(2 * _limit, ReadMessages.MaxLimit);
            foreach (var message in result.Value.Messages.Take(count - written))
            {
                await Write(ArchivedMessage.From(message), cancellationToken);
                progress.Report((++_done, _total));
            }

            written += result.Value.Messages.Count;
        }
    }

    private async ValueTask Write(ArchiveLine line, CancellationToken cancellationToken)
    {
        await output.WriteAsync(line.Write().AsMemory(), cancellationToken);
        await output.WriteAsync(LineBreak, cancellationToken);
    }
}

/// <summary>The expected failures of an export.</summary>
internal static class ExportErrors
{
    /// <summary>The output cannot contain all messages that a session's line states.</summary>
    internal static Error Deleted(SessionId session) =>
        new(ErrorKind.Conflict, "conflict", $"The session {session} was deleted during the export. Run it again.");
}
