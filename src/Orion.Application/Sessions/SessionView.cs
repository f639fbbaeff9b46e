using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>A session as clients see it.</summary>
/// <param name="SessionId">Its id.</param>
/// <param name="UserId">Its owner's address.</param>
/// <param name="Title">Its title, <c>New Chat</c> until something names it.</param>
/// <param name="FirstMessage">The beginning of message 1; empty without messages.</param>
/// <param name="LastMessage">The beginning of the newest message; empty without messages.</param>
/// <param name="MessageCount">How many messages there are.</param>
/// <param name="CreatedAt">When it was started.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="ArchivedAt">When it was archived; missing while it is not.</param>
/// <param name="Version">How often it has changed, from 1 on.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
public sealed record SessionView(
    Guid SessionId,
    string UserId,
    string Title,
    string FirstMessage,
    string LastMessage,
    int MessageCount,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? ArchivedAt,
    long Version,
    Metadata Metadata)
{
    /// <summary>Shows a session to its owner.</summary>
    public static SessionView From(Session session, Caller owner) => new(
        session.Id.Value,
        owner.Email.Value,
        session.DisplayTitle.Value,
        session.FirstMessage,
        session.LastMessage,
        session.MessageCount,
        session.CreatedAt,
        session.UpdatedAt,
        session.ArchivedAt,
        session.Version,
        session.Metadata);
}
