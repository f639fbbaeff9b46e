using System.Text;
using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>A session.</summary>
/// <param name="SessionId">The id of the session.</param>
/// <param name="UserId">The email address of the owner.</param>
/// <param name="Title">The title. It is <c>New Chat</c> until the session gets a title or a first message.</param>
/// <param name="FirstMessage">The beginning of message 1. Empty if there are no messages.</param>
/// <param name="LastMessage">The beginning of the newest message. Empty if there are no messages.</param>
/// <param name="MessageCount">The number of messages.</param>
/// <param name="CreatedAt">When the session was created.</param>
/// <param name="UpdatedAt">When the session last changed.</param>
/// <param name="ArchivedAt">When the session was archived. Absent if it is not archived.</param>
/// <param name="ExpiresAt">After this time the session is deleted, within an hour. Absent if it does not expire.</param>
/// <param name="Version">Starts at 1 and increases with every change.</param>
/// <param name="Metadata">Data of the client.</param>
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
    DateTimeOffset? ExpiresAt,
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
        session.ExpiresAt,
        session.Version,
        session.Metadata);

    /// <summary>The size of a session in a response, in bytes with the comma behind it, and as if every member were present.</summary>
    public static int SizeOf(Session session, Caller owner) =>
        """
        {"sessionId":"","userId":"","title":"","firstMessage":"","lastMessage":"","messageCount":,"createdAt":"","updatedAt":"","archivedAt":"","expiresAt":"","version":,"metadata":},
        """.Length
        + ResponseSize.Uuid + (4 * ResponseSize.Instant)
        + ResponseSize.Number(session.MessageCount) + ResponseSize.Number(session.Version)
        + ResponseSize.Text(owner.Email.Value)
        + ResponseSize.Text(session.DisplayTitle.Value) + ResponseSize.Text(session.FirstMessage) + ResponseSize.Text(session.LastMessage)
        + Encoding.UTF8.GetByteCount(session.Metadata.Json);
}
