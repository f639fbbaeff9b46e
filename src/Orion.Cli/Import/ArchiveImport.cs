using Orion.Application.Import;
using Orion.Application.Import.Archive;
using Orion.Application.Messaging;
using Orion.Cli.Execution;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Cli.Import;

/// <summary>
/// Takes over one user's part of an export, line by line: in batches, and so that it can be run again where it was interrupted.
/// </summary>
internal sealed class ArchiveImport(OrionHost host, Caller caller, ArchiveLines lines, bool dryRun)
{
    private const int SessionBatch = 200;
    private const int MessageBatch = 1000;
    private const int CharacterBatch = 4 * 1024 * 1024;

    private readonly List<ImportedSession> _sessions = [];
    private readonly List<NumberedMessage> _messages = [];
    private readonly HashSet<SessionId> _left = [];
    private readonly Dictionary<SessionId, int> _missing = [];
    private int _characters;
    private int _firstLine;
    private (SessionId? Session, int Sequence) _last;

    /// <summary>Whose it becomes.</summary>
    internal Caller Caller => caller;

    /// <summary>How many sessions there were in the export.</summary>
    internal int Sessions { get; private set; }

    /// <summary>How many messages there were in the export.</summary>
    internal long Messages { get; private set; }

    /// <summary>How many sessions were not here before.</summary>
    internal int SessionsAdded { get; private set; }

    /// <summary>How many messages were not here before.</summary>
    internal long MessagesAdded { get; private set; }

    /// <summary>How many messages are here by now, whether they were before or not.</summary>
    internal long MessagesHere { get; private set; }

    /// <summary>Sessions that were changed here since, or are others with the same id: nothing of them was touched from there on.</summary>
    internal IReadOnlyCollection<SessionId> Left => _left;

    /// <summary>How many messages of the export are not here, by session.</summary>
    internal IReadOnlyDictionary<SessionId, int> Missing => _missing;

    /// <summary>Takes over one line behind the first.</summary>
    /// <returns>The last line of this user; null where there are more.</returns>
    /// <exception cref="CommandRefusedException">The line is none, or the last one counts others.</exception>
    internal async Task<ArchiveEnd?> Take(ArchiveLine? line, CancellationToken cancellationToken)
    {
        switch (line)
        {
            case ArchivedSession session when Messages == 0:
                _sessions.Add(Sound(session.ToOrigin()));
                Sessions++;
                if (_sessions.Count == SessionBatch) await Flush(cancellationToken);
                return null;
            case ArchivedMessage message:
                await Add(Sound(message.ToNumbered()), cancellationToken);
                return null;
            case ArchiveEnd end:
                await Flush(cancellationToken);
                var isWhole = end.Sessions == Sessions && end.Messages == Messages;
                return isWhole ? end : throw lines.Wrong("It counts other lines than there are.");
            default:
                throw lines.Wrong("It is not a line of an export, or it is out of order.");
        }
    }

    /// <summary>Saves what was read so far.</summary>
    internal async Task Flush(CancellationToken cancellationToken)
    {
        if (_sessions.Count > 0)
        {
            ImportedSession[] sessions = [.. _sessions];
            _sessions.Clear();
            var taken = await host.SendOrThrow(new ImportSessions(caller, sessions, dryRun), cancellationToken);
            SessionsAdded += taken.Added.Count;
            _left.UnionWith(taken.Left);
        }

        if (_messages.Count == 0) return;
        NumberedMessage[] messages = [.. _messages];
        _messages.Clear();
        _characters = 0;
        var outcome = await host.Send(new ImportMessages(caller, messages, _left, dryRun), cancellationToken);
        if (outcome.Error is { } error) throw lines.Wrong($"Nor can those up to line {lines.Number}. {error.Message}", _firstLine);
        MessagesAdded += outcome.Value.Added;
        MessagesHere += messages.Length;
        foreach (var (session, count) in outcome.Value.Missing)
        {
            // Somebody wrote into it meanwhile: it is left from there on.
            _left.Add(session);
            _missing[session] = _missing.GetValueOrDefault(session) + count;
            MessagesHere -= count;
        }
    }

    private async Task Add(NumberedMessage message, CancellationToken cancellationToken)
    {
        if (Messages == 0) await Flush(cancellationToken);
        var place = message.Session == _last.Session ? _last.Sequence + 1 : 1;
        if (message.Sequence != place) throw lines.Wrong(ImportErrors.Gap.Message);
        _last = (message.Session, message.Sequence);
        Messages++;
        if (_messages.Count == 0) _firstLine = lines.Number;
        _messages.Add(message);
        _characters += message.Origin.Content.Value.Length + message.Origin.Metadata.Json.Length;
        if (_messages.Count == MessageBatch || _characters > CharacterBatch) await Flush(cancellationToken);
    }

    private T Sound<T>(Result<T> line)
        where T : notnull => line.Error is { } error ? throw lines.Wrong(error.Message) : line.Value;
}
