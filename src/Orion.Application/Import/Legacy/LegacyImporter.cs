using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Import.Legacy;

/// <summary>
/// Imports the sessions of a legacy database in batches, each in its own transaction. The result does not depend on the batches, so the
/// import can be interrupted at any point and run again.
/// </summary>
/// <param name="dispatcher">Runs the commands.</param>
/// <param name="callers">The users whose sessions are imported.</param>
/// <param name="dryRun">Whether to write nothing and only count.</param>
public sealed class LegacyImporter(IDispatcher dispatcher, IReadOnlyList<Caller> callers, bool dryRun)
{
    private const int SessionBatch = 200;
    private const int CharacterBatch = 4 * 1024 * 1024;

    private readonly Dictionary<string, LegacyUserImport> _users =
        callers.ToDictionary(caller => caller.Email.Value, caller => new LegacyUserImport(caller));
    private readonly List<SessionPart> _batch = [];
    private readonly List<string> _legacyIds = [];
    private readonly HashSet<(LegacyUserImport, SessionId)> _uuids = [];
    private LegacyUserImport? _user;
    private LegacySession? _session;
    private LegacySessionReader? _reader;
    private int _messages;
    private int _characters;

    // The sequence here of the last message of the current session, for a session of more than one part.
    private int _last;

    /// <summary>The result so far for each user who has sessions.</summary>
    public IEnumerable<LegacyUserImport> Users => _users.Values.Where(user => user.Sessions.Found > 0);

    /// <summary>Imports all sessions of the users.</summary>
    /// <param name="database">The legacy database.</param>
    /// <param name="progress">Receives the number of messages read, and of all messages.</param>
    /// <param name="cancellationToken">Cancels the import.</param>
    /// <returns>The contents of the legacy database.</returns>
    /// <exception cref="LegacyDatabaseException">The legacy database cannot be read.</exception>
    /// <exception cref="OperationFailedException">A batch was rejected.</exception>
    public async Task<LegacyCounts> Run(ILegacyDatabase database, IProgress<(long Done, long Total)> progress, CancellationToken cancellationToken)
    {
        var counts = await database.Begin([.. _users.Keys], cancellationToken);
        var done = 0L;
        await foreach (var part in LegacySessionPart.ReadAll(database, cancellationToken))
        {
            var user = _users[part.Session.User];
            if (user != _user || !part.IsFirst || IsFull) await Flush(cancellationToken);
            _user = user;
            Add(part, user);
            progress.Report((done += part.Messages.Count, counts.Messages));
        }

        await Flush(cancellationToken);
        return counts;
    }

    private bool IsFull => _messages >= LegacySessionPart.MaxMessages || _batch.Count == SessionBatch || _characters > CharacterBatch;

    private void Add(LegacySessionPart part, LegacyUserImport user)
    {
        user.Messages.Found += part.Messages.Count;
        if (part.IsFirst) Begin(part, user);
        if (_reader?.Session is not { } session) return;

        List<ImportedMessage> messages = [];
        var first = part.IsFirst ? _reader.ReadFirstMessage(part.Messages) : null;
        if (first is not null)
        {
            user.Messages.Found++;
            messages.Add(first);
        }

        foreach (var source in part.Messages)
        {
            if (_reader.Read(source) is { } message) messages.Add(message);
        }

        var fallback = part.IsFirst && first is null ? _reader.FallbackId : (MessageId?)null;
        _batch.Add(new SessionPart(session, messages, part.IsFirst ? null : _last, fallback));
        _legacyIds.Add(part.Session.Id);
        _messages += messages.Count;
        _characters += messages.Sum(message => message.Content.Value.Length + message.Metadata.Json.Length);
    }

    private void Begin(LegacySessionPart part, LegacyUserImport user)
    {
        user.Sessions.Found++;
        // The same UUID can be spelled in several ways.
        var isDuplicate = _session?.Id == part.Session.Id || (SessionId.Parse(part.Session.Id) is { } uuid && !_uuids.Add((user, uuid)));
        if (isDuplicate)
        {
            user.Warn(ImportWarning.SessionTwice, part.Session.Id);
            _reader = null;
            return;
        }

        _last = 0;
        _session = part.Session;
        _reader = new LegacySessionReader(part.Session, part.Messages, (warning, legacyId) => user.Warn(warning, legacyId));
    }

    private async Task Flush(CancellationToken cancellationToken)
    {
        if (_batch.Count == 0 || _user is not { } user) return;
        var imported = await dispatcher.SendOrThrow(new ImportLegacySessions(user.Caller, [.. _batch], dryRun), cancellationToken);
        for (var i = 0; i < imported.Parts.Count; i++) Count(imported.Parts[i], _batch[i], _legacyIds[i], user);
        _batch.Clear();
        _legacyIds.Clear();
        _messages = _characters = 0;
    }

    private void Count(PartImported imported, SessionPart part, string legacyId, LegacyUserImport user)
    {
        if (part.Before is null)
        {
            if (imported.IsNew) user.Sessions.Added++;
            else user.Sessions.Existing++;
        }

        user.Messages.Added += imported.Added;
        user.Messages.Existing += imported.Existing;
        // Only the last part of a batch can have a successor.
        _last = imported.Last;
        foreach (var (warning, count) in imported.Warnings) user.Warn(warning, legacyId, count);
    }
}
