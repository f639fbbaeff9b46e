using System.ComponentModel.DataAnnotations;
using System.Text;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>A message.</summary>
/// <param name="Id">The id of the message.</param>
/// <param name="SessionId">The id of its session.</param>
/// <param name="Sequence">The position in the session, starting at 1.</param>
/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">The text of the message.</param>
/// <param name="Timestamp">When the message was appended.</param>
/// <param name="Metadata">Data of the client.</param>
public sealed record MessageView(
    Guid Id, Guid SessionId, int Sequence, [property: AllowedValues(MessageRoles.User, MessageRoles.Assistant)] string Role, string Content,
    DateTimeOffset Timestamp, Metadata Metadata)
{
    /// <summary>Shows a message.</summary>
    public static MessageView From(Message message) => new(
        message.Id.Value,
        message.SessionId.Value,
        message.Sequence,
        message.Role.ToName(),
        message.Content.Value,
        message.CreatedAt,
        message.Metadata);

    /// <summary>The size of a message in a response, in bytes with the comma behind it.</summary>
    public static int SizeOf(Message message) =>
        """{"id":"","sessionId":"","sequence":,"role":"","content":"","timestamp":"","metadata":},""".Length
        + (2 * ResponseSize.Uuid) + ResponseSize.Instant
        + ResponseSize.Number(message.Sequence) + message.Role.ToName().Length
        + ResponseSize.Text(message.Content.Value)
        + Encoding.UTF8.GetByteCount(message.Metadata.Json);
}
