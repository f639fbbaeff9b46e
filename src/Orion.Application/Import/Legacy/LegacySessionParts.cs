using System.Runtime.CompilerServices;

namespace Orion.Application.Import.Legacy;

/// <summary>Messages of one session of the old service; a long session comes in parts, so that it need not be held as a whole.</summary>
/// <param name="Session">The session.</param>
/// <param name="Messages">The messages, in their order.</param>
/// <param name="IsFirst">Whether the session begins here.</param>
public sealed record LegacySessionPart(LegacySession Session, IReadOnlyList<LegacyMessage> Messages, bool IsFirst);

/// <summary>Puts the two lists of the old service together.</summary>
public static class LegacySessionParts
{
    /// <summary>How many messages there are in a part at the most.</summary>
    public const int MaxMessages = 1000;

    private const int MaxCharacters = 4 * 1024 * 1024;

    /// <summary>All parts, in the order of the lists. The same rows make the same parts, whatever was read before.</summary>
    public static async IAsyncEnumerable<LegacySessionPart> ReadAll(ILegacyService old, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var waiting = new Queue<LegacyMessage>();
        while (await old.NextSessions(cancellationToken) is { Count: > 0 } sessions)
        {
            foreach (var session in sessions)
            {
                var isFirst = true;
                List<LegacyMessage> part = [];
                var characters = 0;
                while (await Next(session.Id) is { } message)
                {
                    if (part.Count == MaxMessages || characters > MaxCharacters)
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
            if (waiting.Count == 0)
            {
                foreach (var message in await old.NextMessages(cancellationToken)) waiting.Enqueue(message);
            }

            return waiting.TryPeek(out var next) && next.SessionId == session ? waiting.Dequeue() : null;
        }
    }
}
