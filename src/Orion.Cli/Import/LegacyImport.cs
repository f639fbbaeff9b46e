using Orion.Application.Import.Legacy;
using Orion.Application.Messaging;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Domain.Sessions;

namespace Orion.Cli.Import;

/// <summary>
/// Takes over the sessions of the old service in batches, each in a transaction. Which rows stand together in one makes no difference
/// to what they become, so that it can be interrupted anywhere.
/// </summary>
internal sealed class LegacyImport(OrionHost host, IReadOnlyList<Caller> callers, bool dryRun)
{
    private const int SessionBatch = 200;
    private const int CharacterBatch = 4 * 1024 * 1024;

    private readonly Dictionary<string, UserImportSummary> _users =
        callers.ToDictionary(caller => caller.Email.Value, caller => new UserImportSummary(caller));
    private readonly List<SessionPart> _batch = [];
    private readonly List<string> _oldIds = [];
    private readonly HashSet<(UserImportSummary, SessionId)> _uuids = [];
    private UserImportSummary? _user;
    private LegacySession? _session;
    private LegacySessionReader? _reading;
    private int _messages;
    private int _characters;

    // The place here of the last message of the session under way, where it came in more than one part.
    private int _last;

    /// <summary>What came of each user that there were sessions of.</summary>
    internal IEnumerable<UserImportSummary> Users => _users.Values.Where(user => user.Sessions.Found > 0);

    /// <summary>Takes over all of it.</summary>
    internal async Task Run(ILegacyService old, long messages, Progress progress, CancellationToken cancellationToken)
    {
        var done = 0L;
        await foreach (var part in LegacySessionParts.ReadAll(old, cancellationToken))
        {
            var user = _users[part.Session.User];
            if (user != _user || !part.IsFirst || IsFull) await Take(cancellationToken);
            _user = user;
            Add(part, user);
            progress.Show(done += part.Messages.Count, messages);
        }

        await Take(cancellationToken);
    }

    private bool IsFull => _messages >= LegacySessionParts.MaxMessages || _batch.Count == SessionBatch || _characters > CharacterBatch;

    private void Add(LegacySessionPart part, UserImportSummary user)
    {
        user.Messages.Found += part.Messages.Count;
        if (part.IsFirst) Begin(part, user);
        if (_reading?.Session is not { } session) return;

        List<ImportedMessage> messages = [];
        var first = part.IsFirst ? _reading.ReadFirstMessage(part.Messages) : null;
        if (first is not null)
        {
            user.Messages.Found++;
            messages.Add(first);
        }

        foreach (var message in part.Messages)
        {
            if (_reading.Read(message) is { } origin) messages.Add(origin);
        }

        var standIn = part.IsFirst && first is null ? _reading.StandIn : (MessageId?)null;
        _batch.Add(new SessionPart(session, messages, part.IsFirst ? null : _last, standIn));
        _oldIds.Add(part.Session.Id);
        _messages += messages.Count;
        _characters += messages.Sum(message => message.Content.Value.Length + message.Metadata.Json.Length);
    }

    private void Begin(LegacySessionPart part, UserImportSummary user)
    {
        user.Sessions.Found++;
        // One UUID has many spellings in a text.
        var isTwice = _session?.Id == part.Session.Id || (SessionId.Parse(part.Session.Id) is { } uuid && !_uuids.Add((user, uuid)));
        if (isTwice)
        {
            user.Note(ImportWarning.SessionTwice, part.Session.Id);
            _reading = null;
            return;
        }

        _last = 0;
        _session = part.Session;
        _reading = new LegacySessionReader(part.Session, part.Messages, (remark, oldId) => user.Note(remark, oldId));
    }

    private async Task Take(CancellationToken cancellationToken)
    {
        if (_batch.Count == 0 || _user is not { } user) return;
        var taken = await host.SendOrThrow(new ImportLegacySessions(user.Caller, [.. _batch], dryRun), cancellationToken);
        for (var i = 0; i < taken.Parts.Count; i++) Count(taken.Parts[i], _batch[i], _oldIds[i], user);
        _batch.Clear();
        _oldIds.Clear();
        _messages = _characters = 0;
    }

    private void Count(PartImported taken, SessionPart part, string oldId, UserImportSummary user)
    {
        if (part.Before is null)
        {
            if (taken.IsNew) user.Sessions.Added++;
            else user.Sessions.WereHere++;
        }

        user.Messages.Added += taken.Added;
        user.Messages.WereHere += taken.Known;
        // The last part of a batch is the one that may go on.
        _last = taken.Last;
        foreach (var (remark, count) in taken.Remarks) user.Note(remark, oldId, count);
    }
}
