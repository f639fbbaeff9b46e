using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Import;

/// <summary>
/// Imports sessions of another program with their messages, or continues an earlier import: existing messages are recognized by their ids, and newer
/// ones are appended unless the session has other messages after them.
/// </summary>
/// <param name="Caller">The owner.</param>
/// <param name="Parts">Parts of different sessions.</param>
/// <param name="DryRun">Whether to write nothing and only count.</param>
internal sealed record ImportSessionParts(Caller Caller, IReadOnlyList<SessionPart> Parts, bool DryRun) : ICommand<SessionPartsImported>;

/// <summary>The next messages of a session.</summary>
/// <param name="Session">The session in the source.</param>
/// <param name="Messages">The messages, in their order.</param>
/// <param name="Before">The sequence here of the last existing message before these; null if the session begins with these.</param>
/// <param name="FallbackId">
/// The ID of the user's first message if an earlier import read it from the session's row; null if not applicable.
/// </param>
internal sealed record SessionPart(ImportedSession Session, IReadOnlyList<ImportedMessage> Messages, int? Before, MessageId? FallbackId = null);

/// <summary>The result for each part, in their order.</summary>
internal sealed record SessionPartsImported(IReadOnlyList<PartImported> Parts);

/// <summary>The result for a part.</summary>
/// <param name="IsNew">Whether the session did not exist before.</param>
/// <param name="Added">The number of messages that did not exist before.</param>
/// <param name="Existing">The number of messages that existed before.</param>
/// <param name="Last">The sequence of the last message that exists in Orion, in this part or an earlier one; 0 if no message exists.</param>
/// <param name="Warnings">Why messages were skipped, or how the session differs, and how often.</param>
internal sealed record PartImported(bool IsNew, int Added, int Existing, int Last, IReadOnlyDictionary<ImportWarning, int> Warnings);

internal sealed class ImportSessionPartsHandler(ISessions sessions, TimeProvider clock) : IRequestHandler<ImportSessionParts, Result<SessionPartsImported>>
{
    public async Task<Result<SessionPartsImported>> Handle(ImportSessionParts command, CancellationToken cancellationToken)
    {
        SessionId[] ids = [.. command.Parts.Select(part => part.Session.Id)];
        var sessionsById = (await command.Caller.FindAll(sessions, ids, command.DryRun, cancellationToken)).ToDictionary(session => session.Id);
        var messageIds =
            from part in command.Parts
            where HasMessages(part.Session.Id)
            from message in part.Messages.Select(message => message.Id).Concat(part.FallbackId is { } fallback ? [fallback] : [])
            select (part.Session.Id, message);
        var existing = await sessions.FindMessages([.. messageIds], command.Caller, cancellationToken);
        return new SessionPartsImported([.. command.Parts.Select(part => Import(part, sessionsById.GetValueOrDefault(part.Session.Id), existing, command))]);

        bool HasMessages(SessionId id) => sessionsById.TryGetValue(id, out var session) && session.MessageCount > 0;
    }

    private PartImported Import(
        SessionPart part, Session? session, IReadOnlyDictionary<(SessionId Session, MessageId Id), Message> existing, ImportSessionParts command)
    {
        var isNew = session is null && part.Before is null;
        var warnings = new Dictionary<ImportWarning, int>();
        if (session is null)
        {
            // The session was deleted here between two parts. Importing the rest of it would create an incomplete session.
            if (!isNew && !command.DryRun)
                return new PartImported(false, 0, 0, 0, new Dictionary<ImportWarning, int> { [ImportWarning.ContinuedHere] = part.Messages.Count });
            session = Session.Import(command.Caller.Id, part.Session, clock.GetUtcInstant());
            if (!command.DryRun) sessions.Add(session, command.Caller);
        }

        int added = 0, present = 0, last = part.Before ?? 0;
        HashSet<MessageId> seen = [];
        // The message that was imported with the fallback ID may now have a row: that of the user's first message.
        var fallback = part.FallbackId is { } id ? existing.GetValueOrDefault((part.Session.Id, id)) : null;
        var replaced = fallback is null ? null : part.Messages.FirstOrDefault(message => message.Role == MessageRole.User);
        foreach (var source in part.Messages)
        {
            var match = source == replaced ? fallback : existing.GetValueOrDefault((part.Session.Id, source.Id));
            if (!seen.Add(source.Id))
            {
                Warn(ImportWarning.MessageTwice);
            }
            else if (match is not null)
            {
                last = Math.Max(last, match.Sequence);
                if (match == fallback || match.HasSameText(source)) present++;
                else Warn(ImportWarning.OtherHere);
            }
            else if (last < session.MessageCount)
            {
                // The session's last message is not among the messages of the source before this one.
                Warn(ImportWarning.ContinuedHere);
            }
            else if (session.ArchivedAt is not null && part.Session.ArchivedAt is null)
            {
                Warn(ImportWarning.ArchivedHere);
            }
            else
            {
                var message = session.ImportNextMessage(part.Session, source);
                if (!command.DryRun) sessions.Add(message, command.Caller);
                last = Math.Max(last, message.Sequence);
                added++;
            }
        }

        if (!isNew && part.Before is null && warnings.Count == 0 && Differs(session, part.Session)) Warn(ImportWarning.DiffersHere);
        return new PartImported(isNew, added, present, last, warnings);

        void Warn(ImportWarning warning) => warnings[warning] = warnings.GetValueOrDefault(warning) + 1;
    }

    private static bool Differs(Session session, ImportedSession source) =>
        (source.Title is not null && source.Title != session.Title) || source.Metadata != session.Metadata;
}
