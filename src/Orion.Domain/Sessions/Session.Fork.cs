namespace Orion.Domain.Sessions;

/// <content>Forks: new sessions with copies of messages.</content>
public sealed partial class Session
{
    /// <summary>The largest number of messages that a fork copies.</summary>
    public const int MaxForkMessages = 10_000;

    /// <summary>The largest size of the texts and metadata that a fork copies, in bytes of UTF-8.</summary>
    public const int MaxForkBytes = 64 * 1024 * 1024;

    /// <summary>
    /// Starts a session for copies of this one's messages up to a sequence. It is not archived. It expires with this one, so that the
    /// messages of a temporary session are not kept by accident.
    /// </summary>
    /// <param name="throughSequence">The sequence of the last copied message; 0 for none.</param>
    /// <param name="lastMessage">The beginning of that message; empty for none.</param>
    /// <param name="title">The title; null for the title of this session.</param>
    /// <param name="now">The current time.</param>
    public Session Fork(int throughSequence, string lastMessage, SessionTitle? title, DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(throughSequence, MessageCount);
        var metadata = Metadata.From($$$"""{"forkedFrom":{"sessionId":"{{{Id}}}","sequence":{{{throughSequence}}}}}""");
        return new Session(OwnerId, SessionId.New(now), metadata, now)
        {
            Title = title ?? Title,
            FirstMessage = throughSequence > 0 ? FirstMessage : "",
            LastMessage = lastMessage,
            MessageCount = throughSequence,
            ExpiresAt = ExpiresAt,
            _changed = true,
        };
    }
}
