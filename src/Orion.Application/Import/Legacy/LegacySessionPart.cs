using System.Runtime.CompilerServices;

namespace Orion.Application.Import.Legacy;

/// <summary>Messages of one legacy session. A long session is split into parts, so that memory stays constant.</summary>
/// <param name="Session">The session.</param>
/// <param name="Messages">The messages, in their order.</param>
/// <param name="IsFirst">Whether this is the session's first part.</param>
internal sealed record LegacySessionPart(LegacySession Session, IReadOnlyList<LegacyMessage> Messages, bool IsFirst)
{
    /// <summary>
    /// Merges the sorted sessions and messages of the database. The same rows always give the same parts, so that an interrupted import
    /// can be repeated.
    /// </summary>
    internal static async IAsyncEnumerable<LegacySessionPart> ReadAll(
        ILegacyDatabase database, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new Queue<LegacyMessage>();
        while (await database.NextSessions(cancellationToken) is { Count: > 0 } sessions)
        {
            foreach (var session in sessions)
            {
                var isFirst = true;
                List<LegacyMessage> part = [];
                var characters = 0;
                while (await Next(session.Id) is { } message)
                {
                    if (part.Count == SessionPartBatch.MaxMessages || characters > SessionPartBatch.MaxCharacters)
                    {
                        yield return new LegacySessionPart(session, part, isFirst);
                        (part, characters, isFirst) = ([], 0, false);
                    }

                    part.Add(message);
                    characters += (message.Content.Value?.Length ?? 0) + (message.Metadata.Value?.Length ?? 0);
                }

                yield return new LegacySessionPart(session, part, isFirst);
            }
        }

        async Task<LegacyMessage?> Next(string session)
        {
            if (buffer.Count == 0)
            {
                foreach (var message in await database.NextMessages(cancellationToken)) buffer.Enqueue(message);
            }

            return buffer.TryPeek(out var next) && next.SessionId == session ? buffer.Dequeue() : null;
        }
    }
}
