using System.ComponentModel.DataAnnotations;
using Orion.Api.Http;
using Orion.Domain.Sessions;

namespace Orion.Api.Messages;

/// <summary><c>POST /api/sessions/{sessionId}/messages</c>.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">What is said.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
internal sealed record AppendMessageRequest(
    [property: Required, AllowedValues(MessageRoles.User, MessageRoles.Assistant)] string? Role,
    [property: Required, MinLength(1), MaxLength(MessageContent.MaxLength)] string? Content,
    [property: JsonObject] string? Metadata) : IRequestBody<AppendMessageRequest>
{
    public static bool RejectsUnknownMembers => true;

    public static AppendMessageRequest Read(JsonObjectReader members) =>
        new(members.Text("role"), members.Text("content"), members.Object("metadata"));
}
