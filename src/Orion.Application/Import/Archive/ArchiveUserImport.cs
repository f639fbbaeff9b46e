using Orion.Application.Export;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Import.Archive;

/// <summary>Imports one user's part of an archive in batches, and counts the results.</summary>
public sealed class ArchiveUserImport
{
    private const int SessionBatch = 200;
    private const int MessageBatch = 1000;
    private const int CharacterBatch = 4 * 1024 * 1024;

    private readonly IDispatcher _dispatcher;
    private readonly ArchiveReader _reader;
    private readonly bool _dryRun;
    private readonly List<ImportedSession> _sessionBatch = [];
    private readonly List<NumberedMessage> _messageBatch = [];
    private readonly HashSet<SessionId> _skipped = [];
    private readonly Dictionary<SessionId, int> _missing = [];
    private int _characters;
    private int _firstLine;
    private (SessionId? Session, int Sequence) _last;

    internal ArchiveUserImport(IDispatcher dispatcher, Caller caller, ArchiveReader reader, bool dryRun) =>
        (_dispatcher, Caller, _reader, _dryRun) = (dispatcher, caller, reader, dryRun);

    /// <summary>The owner of the imported sessions.</summary>
    public Caller Caller { get; }

    /// <summary>The number of sessions in the archive.</summary>
    public int Sessions { get; private set; }

    /// <summary>The number of messages in the archive.</summary>
    public long Messages { get; private set; }

    /// <summary>The number of sessions that did not exist here before.</summary>
    public int SessionsAdded { get; private set; }

    /// <summary>The number of messages that did not exist here before.</summary>
    public long MessagesAdded { get; private set; }

    /// <summary>The number of the archive's messages that exist here now.</summary>
    public long MessagesPresent { get; private set; }

    /// <summary>
    /// Sessions that were changed here, or that differ from the sessions with the same ID in the archive. The import does not change them
    /// any further.
    /// </summary>
    public IReadOnlyCollection<SessionId> Skipped => _skipped;

    /// <summary>The number of the archive's messages that do not exist here, by session.</summary>
    public IReadOnlyDictionary<SessionId, int> Missing => _missing;

    /// <summary>Imports one line after the first.</summary>
    /// <returns>The last line of this user; null if more follow.</returns>
    /// <exception cref="OperationFailedException">The line is invalid, or the counts in the last line do not match.</exception>
    internal async Task<ArchiveEnd?> Import(ArchiveLine? line, CancellationToken cancellationToken)
    {
        switch (line)
        {
            case ArchivedSession session when Messages == 0:
                _sessionBatch.Add(ValueOrThrow(session.ToImported()));
                Sessions++;
                if (_sessionBatch.Count == SessionBatch) await Flush(cancellationToken);
                return null;
            case ArchivedMessage message:
                await Add(ValueOrThrow(message.ToNumbered()), cancellationToken);
                return null;
            case ArchiveEnd end:
                await Flush(cancellationToken);
                var isComplete = end.Sessions == Sessions && end.Messages == Messages;
                return isComplete ? end : throw _reader.Invalid("Its counts differ from the number of sessions or messages in the file.");
            default:
                throw _reader.InvalidText("It is not a line of an export, or it is out of order.");
        }
    }

    /// <summary>Saves what has been read so far.</summary>
    internal async Task Flush(CancellationToken cancellationToken)
    {
        if (_sessionBatch.Count > 0)
        {
            ImportedSession[] sessions = [.. _sessionBatch];
            _sessionBatch.Clear();
            var imported = await _dispatcher.SendOrThrow(new ImportSessions(Caller, sessions, _dryRun), cancellationToken);
            SessionsAdded += imported.Added.Count;
            _skipped.UnionWith(imported.Skipped);
        }

        if (_messageBatch.Count == 0) return;
        NumberedMessage[] messages = [.. _messageBatch];
        _messageBatch.Clear();
        _characters = 0;
        var result = await _dispatcher.Send(new ImportMessages(Caller, messages, _skipped, _dryRun), cancellationToken);
        if (result.Error is { } error)
            throw _reader.Invalid($"The lines after it, up to line {_reader.Number}, cannot be imported either. {error.Message}", _firstLine);
        MessagesAdded += result.Value.Added;
        MessagesPresent += messages.Length;
        foreach (var (session, count) in result.Value.Missing)
        {
            // The session was changed during the import, so the rest of it is skipped.
            _skipped.Add(session);
            _missing[session] = _missing.GetValueOrDefault(session) + count;
            MessagesPresent -= count;
        }
    }

    private async Task Add(NumberedMessage message, CancellationToken cancellationToken)
    {
        if (Messages == 0) await Flush(cancellationToken);
        var expected = message.Session == _last.Session ? _last.Sequence + 1 : 1;
        if (message.Sequence != expected) throw _reader.Invalid(ImportErrors.Gap.Message);
        _last = (message.Session, message.Sequence);
        Messages++;
        if (_messageBatch.Count == 0) _firstLine = _reader.Number;
        _messageBatch.Add(message);
        _characters += message.Message.Content.Value.Length + message.Message.Metadata.Json.Length;
        if (_messageBatch.Count == MessageBatch || _characters > CharacterBatch) await Flush(cancellationToken);
    }

    private T ValueOrThrow<T>(Result<T> line)
        where T : notnull => line.Error is { } error ? throw _reader.Invalid(error.Message) : line.Value;
}
