using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Import.Archive;

/// <summary>
/// Imports the next messages of imported sessions. A message that already exists with the same ID, sequence and content is skipped. If a
/// different message has its sequence, the message and those after it count as missing, and the import no longer changes that session.
/// </summary>
/// <param name="Caller">The sessions' owner.</param>
/// <param name="Messages">The messages. Those of each session are in order and without gaps.</param>
/// <param name="Skipped">Sessions that are not changed. Their messages only count as missing if they do not exist.</param>
/// <param name="DryRun">Whether to write nothing and only count.</param>
internal sealed record ImportMessages(
    Caller Caller, IReadOnlyList<NumberedMessage> Messages, IReadOnlySet<SessionId> Skipped, bool DryRun = false) : ICommand<MessagesImported>;

/// <summary>A message and its position.</summary>
/// <param name="Session">The message's session.</param>
/// <param name="Sequence">Its number in the session, from 1.</param>
/// <param name="Message">The message.</param>
internal sealed record NumberedMessage(SessionId Session, int Sequence, ImportedMessage Message);

/// <summary>The result.</summary>
/// <param name="Added">The number of messages that did not exist before.</param>
/// <param name="Missing">The number of messages that do not exist, by session.</param>
internal sealed record MessagesImported(int Added, IReadOnlyDictionary<SessionId, int> Missing);

internal sealed class ImportMessagesHandler(ISessions sessions) : IRequestHandler<ImportMessages, Result<MessagesImported>>
{
    public async Task<Result<MessagesImported>> Handle(ImportMessages command, CancellationToken cancellationToken)
    {
        SessionId[] ids = [.. command.Messages.Select(message => message.Session).Distinct()];
        var sessionsById = (await command.Caller.FindAll(sessions, ids, command.DryRun, cancellationToken)).ToDictionary(session => session.Id);
        if (sessionsById.Count < ids.Length && !command.DryRun) return SessionErrors.NotFound;

        var counts = ids.ToDictionary(id => id, id => sessionsById.GetValueOrDefault(id)?.MessageCount ?? 0);
        var existing = await sessions.FindMessages(
            [.. command.Messages.Where(message => counts[message.Session] > 0).Select(message => (message.Session, message.Message.Id))],
            command.Caller,
            cancellationToken);
        HashSet<(SessionId, MessageId)> usedIds = [.. existing.Keys];
        var missing = new Dictionary<SessionId, int>();
        var added = 0;
        foreach (var (id, sequence, source) in command.Messages)
        {
            if (existing.GetValueOrDefault((id, source.Id)) is { } match && match.Sequence == sequence && match.IsSameAs(source)) continue;
            if (sequence <= counts[id] || missing.ContainsKey(id) || command.Skipped.Contains(id))
            {
                missing[id] = missing.GetValueOrDefault(id) + 1;
                continue;
            }

            if (!usedIds.Add((id, source.Id))) return ImportErrors.SameId;
            added++;
            if (command.DryRun) continue;
            if (sequence > sessionsById[id].MessageCount + 1) return ImportErrors.Gap;
            if (sessionsById[id].ImportMessage(sequence, source) is { } message) sessions.Add(message, command.Caller);
        }

        return new MessagesImported(added, missing);
    }
}
