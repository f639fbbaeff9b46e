using Orion.Application.Requests;
using Orion.Application.Transfer;
using Orion.Cli.Running;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Cli.Transfer;

/// <summary>Takes over an export, line by line: in batches, and so that it can be run again where it was interrupted.</summary>
internal sealed class ArchiveImport(OrionHost host, Caller caller)
{
    private const int SessionBatch = 100;
    private const int MessageBatch = 500;

    private readonly List<SessionOrigin> _sessions = [];
    private readonly List<MessageOrigin> _messages = [];
    private readonly HashSet<SessionId> _left = [];
    private SessionId? _session;
    private int _sessionLines;
    private long _messageLines;

    /// <summary>How many sessions were not here before.</summary>
    internal int SessionsAdded { get; private set; }

    /// <summary>How many messages were not here before.</summary>
    internal long MessagesAdded { get; private set; }

    /// <summary>How many sessions there were in the export.</summary>
    internal int Sessions => _sessionLines;

    /// <summary>How many messages there were in the export.</summary>
    internal long Messages => _messageLines;

    /// <summary>Sessions that were changed here since, or are others with the same id: nothing of them was touched.</summary>
    internal IReadOnlyCollection<SessionId> Left => _left;

    /// <summary>Takes over all lines behind the first.</summary>
    /// <exception cref="CommandRefusedException">A line is none, or the last one is missing; what stands before it was taken over.</exception>
    internal async Task Run(TextReader lines, CancellationToken cancellationToken)
    {
        var number = 1;
        while (await lines.ReadLineAsync(cancellationToken) is { } text)
        {
            number++;
            switch (ArchiveLine.Read(text))
            {
                case ArchivedSession session when _messageLines == 0:
                    await Add(Sound(session.ToOrigin(), number), cancellationToken);
                    break;
                case ArchivedMessage message:
                    await Add(SessionId.From(message.SessionId == Guid.Empty ? Guid.AllBitsSet : message.SessionId), Sound(message.ToOrigin(), number), number, cancellationToken);
                    break;
                case ArchiveEnd end:
                    await TakeSessions(cancellationToken);
                    await TakeMessages(number, cancellationToken);
                    if (end.Sessions != _sessionLines || end.Messages != _messageLines) throw Wrong(number, "It counts other lines than there are.");
                    return;
                default:
                    throw Wrong(number, "It is none of an export, or stands in the wrong place.");
            }
        }

        throw Wrong(number, "The file ends here, and the line that ends an export is missing: it is not whole.");
    }

    private async Task Add(SessionOrigin session, CancellationToken cancellationToken)
    {
        _sessions.Add(session);
        _sessionLines++;
        if (_sessions.Count == SessionBatch) await TakeSessions(cancellationToken);
    }

    private async Task Add(SessionId session, MessageOrigin message, int number, CancellationToken cancellationToken)
    {
        await TakeSessions(cancellationToken);
        if (session != _session || _messages.Count == MessageBatch) await TakeMessages(number, cancellationToken);
        _session = session;
        _messageLines++;
        _messages.Add(message);
    }

    private async Task TakeSessions(CancellationToken cancellationToken)
    {
        if (_sessions.Count == 0) return;
        var taken = await host.Need(new TakeOverSessions(caller, [.. _sessions]), cancellationToken);
        SessionsAdded += taken.Added.Count;
        _left.UnionWith(taken.Left);
        _sessions.Clear();
    }

    private async Task TakeMessages(int number, CancellationToken cancellationToken)
    {
        if (_session is not { } session || _messages.Count == 0) return;
        if (!_left.Contains(session))
        {
            var taken = await host.Send(new TakeOverMessages(caller, session, [.. _messages]), cancellationToken);
            if (taken.Error is { } error) throw Wrong(number, error.Message);
            MessagesAdded += taken.Value.Added;
        }

        _messages.Clear();
    }

    private static T Sound<T>(Result<T> line, int number)
        where T : notnull => line.Error is { } error ? throw Wrong(number, error.Message) : line.Value;

    private static CommandRefusedException Wrong(int number, string why) => new($"Line {number} cannot be taken over. {why}");
}
