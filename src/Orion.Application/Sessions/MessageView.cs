using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>A message as clients see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="SessionId">The session it belongs to.</param>
/// <param name="Sequence">Its place in the session, from 1 on.</param>
/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What was said.</param>
/// <param name="Timestamp">When it was appended.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
public sealed record MessageView(
    Guid Id, Guid SessionId, int Sequence, string Role, string Content, DateTimeOffset Timestamp, Metadata Metadata)
{
    /// <summary>Shows a message.</summary>
    public static MessageView From(Message message) => new(
        message.Id.Value,
        message.SessionId.Value,
        message.Sequence,
        message.Role.ToWord(),
        message.Content.Value,
        message.CreatedAt,
        message.Metadata);
}
