using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Import;

/// <summary>Imports parts of sessions in batches, each in its own transaction, and counts the results.</summary>
/// <param name="dispatcher">Runs the commands.</param>
/// <param name="dryRun">Whether to write nothing and only count.</param>
internal sealed class SessionPartBatch(IDispatcher dispatcher, bool dryRun)
{
    /// <summary>The maximum number of messages in a part.</summary>
    internal const int MaxMessages = 1000;

    /// <summary>A part with more characters gets no further messages.</summary>
    internal const int MaxCharacters = 4 * 1024 * 1024;

    private const int MaxParts = 200;

    private readonly List<(SessionPart Part, string SourceId)> _parts = [];
    private UserImport? _user;
    private int _messages;
    private int _characters;

    // The sequence here of the last message of the last session.
    private int _last;

    private bool IsFull => _messages >= MaxMessages || _parts.Count == MaxParts || _characters > MaxCharacters;

    /// <summary>Adds a part, and imports the earlier ones first if that is necessary.</summary>
    /// <param name="user">The owner, whose results are counted.</param>
    /// <param name="session">The session in the source.</param>
    /// <param name="messages">Its next messages.</param>
    /// <param name="isFirst">Whether this is the session's first part. Otherwise the previous part was the last one that was added.</param>
    /// <param name="sourceId">The session's id in the source, for warnings.</param>
    /// <param name="fallback">The <see cref="SessionPart.FallbackId"/>.</param>
    /// <param name="cancellationToken">Cancels the import.</param>
    internal async Task Add(
        UserImport user,
        ImportedSession session,
        IReadOnlyList<ImportedMessage> messages,
        bool isFirst,
        string sourceId,
        MessageId? fallback,
        CancellationToken cancellationToken)
    {
        // A batch has each session once, and a part needs the result of the previous one.
        if (user != _user || !isFirst || IsFull || _parts.Any(part => part.Part.Session.Id == session.Id)) await Flush(cancellationToken);
        _user = user;
        _parts.Add((new SessionPart(session, messages, isFirst ? null : _last, fallback), sourceId));
        _messages += messages.Count;
        _characters += messages.Sum(message => message.Content.Value.Length + message.Metadata.Json.Length);
    }

    /// <summary>Imports what was added.</summary>
    /// <exception cref="OperationFailedException">The batch was rejected.</exception>
    internal async Task Flush(CancellationToken cancellationToken)
    {
        if (_parts.Count == 0 || _user is not { } user) return;
        (SessionPart Part, string SourceId)[] parts = [.. _parts];
        _parts.Clear();
        _messages = _characters = 0;
        var imported = await dispatcher.SendOrThrow(
            new ImportSessionParts(user.Caller, [.. parts.Select(part => part.Part)], dryRun), cancellationToken);
        foreach (var ((part, sourceId), result) in parts.Zip(imported.Parts)) Count(user, part, sourceId, result);
    }

    private void Count(UserImport user, SessionPart part, string sourceId, PartImported result)
    {
        if (part.Before is null)
        {
            if (result.IsNew) user.Sessions.Added++;
            else user.Sessions.Existing++;
        }

        user.Messages.Added += result.Added;
        user.Messages.Existing += result.Existing;
        _last = result.Last;
        foreach (var (warning, count) in result.Warnings) user.Warn(warning, sourceId, count);
    }
}
