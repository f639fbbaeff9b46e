using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Import.Archive;

/// <summary>
/// Takes over the next messages of sessions that were taken over. A message that is here already, with the same id, place and content,
/// is passed over. Where another message is in its place, it and those behind it are left: nothing of the session is touched any more.
/// </summary>
/// <param name="Caller">The sessions' owner.</param>
/// <param name="Messages">The messages, each session's in their order and without gaps.</param>
/// <param name="Left">Sessions that get no message: of theirs it is only found out whether they are here.</param>
/// <param name="DryRun">Write nothing: say what would come of it.</param>
public sealed record ImportMessages(
    Caller Caller, IReadOnlyList<NumberedMessage> Messages, IReadOnlySet<SessionId> Left, bool DryRun = false) : ICommand<MessagesImported>;

/// <summary>A message at its place.</summary>
/// <param name="Session">Its session.</param>
/// <param name="Sequence">Its place: 1, 2, 3 …</param>
/// <param name="Origin">The message.</param>
public sealed record NumberedMessage(SessionId Session, int Sequence, ImportedMessage Origin);

/// <summary>What came of taking over messages.</summary>
/// <param name="Added">How many were not here before, and are now.</param>
/// <param name="Missing">How many are not here, by session.</param>
public sealed record MessagesImported(int Added, IReadOnlyDictionary<SessionId, int> Missing);

internal sealed class ImportMessagesHandler(ISessions sessions) : IRequestHandler<ImportMessages, Result<MessagesImported>>
{
    public async Task<Result<MessagesImported>> Handle(ImportMessages command, CancellationToken cancellationToken)
    {
        SessionId[] ids = [.. command.Messages.Select(message => message.Session).Distinct()];
        var known = (await command.Caller.FindAll(sessions, ids, command.DryRun, cancellationToken)).ToDictionary(session => session.Id);
        if (known.Count < ids.Length && !command.DryRun) return SessionErrors.NotFound;

        var counts = ids.ToDictionary(id => id, id => known.GetValueOrDefault(id)?.MessageCount ?? 0);
        var here = await sessions.FindMessages(
            [.. command.Messages.Where(message => counts[message.Session] > 0).Select(message => (message.Session, message.Origin.Id))],
            command.Caller,
            cancellationToken);
        HashSet<(SessionId, MessageId)> taken = [.. here.Keys];
        var missing = new Dictionary<SessionId, int>();
        var added = 0;
        foreach (var message in command.Messages)
        {
            var (id, sequence, origin) = message;
            if (here.GetValueOrDefault((id, origin.Id)) is { } same && same.Sequence == sequence && same.Is(origin)) continue;
            if (sequence <= counts[id] || missing.ContainsKey(id) || command.Left.Contains(id))
            {
                missing[id] = missing.GetValueOrDefault(id) + 1;
                continue;
            }

            if (!taken.Add((id, origin.Id))) return ImportErrors.SameId;
            added++;
            if (command.DryRun) continue;
            if (sequence > known[id].MessageCount + 1) return ImportErrors.Gap;
            if (known[id].TakeOver(sequence, origin) is { } born) sessions.Add(born, command.Caller);
        }

        return new MessagesImported(added, missing);
    }
}
