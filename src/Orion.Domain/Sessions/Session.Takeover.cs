using Orion.Domain.Users;

namespace Orion.Domain.Sessions;

/// <content>How a session comes here from elsewhere: with its past, and without a change of its own.</content>
public sealed partial class Session
{
    /// <summary>Takes over a session without its messages, which follow by <see cref="TakeOver(MessageOrigin)"/>.</summary>
    public static Session TakeOver(UserId ownerId, SessionOrigin origin) => new(ownerId, origin.Id, origin.Metadata, origin.CreatedAt)
    {
        Title = origin.Title,
        UpdatedAt = origin.UpdatedAt,
        ArchivedAt = origin.ArchivedAt,
        Version = origin.Version,
        TokensValidFrom = origin.TokensValidFrom,
    };

    /// <summary>
    /// Goes on with a takeover that has begun before: true where this session is the one that was taken over and nobody has changed it
    /// here since.
    /// </summary>
    public bool Continues(SessionOrigin origin)
    {
        if (origin.CreatedAt != CreatedAt || origin.Version != Version || origin.MessageCount < MessageCount) return false;
        if (origin.UpdatedAt > UpdatedAt) UpdatedAt = origin.UpdatedAt;
        return true;
    }

    /// <summary>Takes over the next message, archived or not; the session's version and time are those that it had when this was said.</summary>
    /// <returns>The message; null where it is here already.</returns>
    /// <exception cref="InvalidOperationException">A message before it is missing.</exception>
    public Message? TakeOver(MessageOrigin origin)
    {
        if (origin.Sequence <= MessageCount) return null;
        if (origin.Sequence != MessageCount + 1) throw new InvalidOperationException("Messages are taken over in their order.");

        MessageCount++;
        if (MessageCount == 1) FirstMessage = origin.Content.Preview;
        LastMessage = origin.Content.Preview;
        return new Message(OwnerId, Id, MessageCount, origin.Id, origin.Role, origin.Content, origin.Metadata, origin.CreatedAt);
    }
}
