using Orion.Domain.Users;

namespace Orion.Domain.Sessions;

/// <content>How a session comes here from elsewhere: with its past, and without a change of its own.</content>
public sealed partial class Session
{
    /// <summary>
    /// Takes over a session without its messages, which follow one by one. Session tokens from before are refused: where the session had
    /// been here and was deleted, they ended with it.
    /// </summary>
    public static Session TakeOver(UserId ownerId, ImportedSession origin, DateTimeOffset now) => new(ownerId, origin.Id, origin.Metadata, origin.CreatedAt)
    {
        Title = origin.Title,
        UpdatedAt = origin.UpdatedAt,
        ArchivedAt = origin.ArchivedAt,
        Version = origin.Version,
        TokensValidFrom = now.NextSecond(),
    };

    /// <summary>
    /// Goes on with a takeover that has begun before: true where this session is the one that was taken over and nobody has changed it
    /// here since.
    /// </summary>
    public bool Continues(ImportedSession origin) =>
        (origin.CreatedAt, origin.UpdatedAt, origin.Version) == (CreatedAt, UpdatedAt, Version)
        && origin.Title == Title && origin.Metadata == Metadata && origin.MessageCount >= MessageCount;

    /// <summary>Takes over the message of that place, archived or not; the session's version and time are those that it had.</summary>
    /// <returns>The message; null where it is here already.</returns>
    /// <exception cref="InvalidOperationException">A message before it is missing.</exception>
    public Message? TakeOver(int sequence, ImportedMessage origin)
    {
        if (sequence <= MessageCount) return null;
        if (sequence != MessageCount + 1) throw new InvalidOperationException("Messages are taken over in their order.");
        return Next(origin);
    }

    /// <summary>
    /// Takes over the next message of a session that knew no versions where it comes from: each message is one change, however many
    /// come at once, so that it does not matter where a takeover was interrupted.
    /// </summary>
    /// <param name="session">The session as it is there; where nothing has named it here, it is called as it is called there.</param>
    /// <param name="origin">The message.</param>
    public Message TakeOverNext(ImportedSession session, ImportedMessage origin)
    {
        Version++;
        if (session.UpdatedAt > UpdatedAt) UpdatedAt = session.UpdatedAt;
        if (origin.CreatedAt > UpdatedAt) UpdatedAt = origin.CreatedAt;
        Title ??= session.Title;
        if (origin.Role == MessageRole.User) Title ??= SessionTitle.Derive(origin.Content);
        return Next(origin);
    }

    private Message Next(ImportedMessage origin)
    {
        MessageCount++;
        if (MessageCount == 1) FirstMessage = origin.Content.Preview;
        LastMessage = origin.Content.Preview;
        return new Message(OwnerId, Id, MessageCount, origin.Id, origin.Role, origin.Content, origin.Metadata, origin.CreatedAt);
    }
}
