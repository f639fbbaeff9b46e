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
    private readonly Dictionary<string, UserImport> _users =
        callers.ToDictionary(caller => caller.Email.Value, caller => new UserImport(caller));
    private readonly SessionPartBatch _batch = new(dispatcher, dryRun);
    private readonly HashSet<(UserImport, SessionId)> _uuids = [];
    private LegacySession? _session;
    private LegacySessionReader? _reader;

    /// <summary>The result so far for each user who has sessions.</summary>
    public IEnumerable<UserImport> Users => _users.Values.Where(user => user.Sessions.Found > 0);

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
            await Add(part, _users[part.Session.User], cancellationToken);
            progress.Report((done += part.Messages.Count, counts.Messages));
        }

        await _batch.Flush(cancellationToken);
        return counts;
    }

    private async Task Add(LegacySessionPart part, UserImport user, CancellationToken cancellationToken)
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
        await _batch.Add(user, session, messages, part.IsFirst, part.Session.Id, fallback, cancellationToken);
    }

    private void Begin(LegacySessionPart part, UserImport user)
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

        _session = part.Session;
        _reader = new LegacySessionReader(part.Session, part.Messages, (warning, legacyId) => user.Warn(warning, legacyId));
    }
}
