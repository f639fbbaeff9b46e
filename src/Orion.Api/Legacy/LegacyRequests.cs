using System.ComponentModel.DataAnnotations;
using Orion.Api.Http;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Api.Legacy;

/// <summary><c>POST /api/sessions/create</c>.</summary>
/// <param name="UserId">Where given, it must be the caller.</param>
/// <param name="FirstMessage">Stored as message 1, by the user; a blank one counts as absent.</param>
internal sealed record LegacyCreateRequest(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: MaxLength(MessageContent.MaxLength)] string? FirstMessage) : IRequestBody<LegacyCreateRequest>
{
    public static bool RejectsUnknownMembers => false;

    public static LegacyCreateRequest Read(JsonObjectReader members) => new(members.Text("userId"), members.Text("firstMessage"));
}

/// <summary><c>POST /api/sessions/save-message</c>.</summary>
/// <param name="UserId">Where given, it must be the caller.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">What is said.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
internal sealed record LegacySaveMessageRequest(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: Required] string? SessionId,
    [property: Required, AllowedValues(MessageRoles.User, MessageRoles.Assistant)] string? Role,
    [property: Required, MinLength(1), MaxLength(MessageContent.MaxLength)] string? Content,
    [property: JsonObject] string? Metadata) : IRequestBody<LegacySaveMessageRequest>
{
    public static bool RejectsUnknownMembers => false;

    public static LegacySaveMessageRequest Read(JsonObjectReader members) => new(
        members.Text("userId"), members.Required("sessionId"), members.Text("role"), members.Text("content"), members.Object("metadata"));
}

/// <summary><c>POST /api/sessions/delete</c>.</summary>
/// <param name="UserId">Where given, it must be the caller.</param>
/// <param name="SessionId">The session.</param>
internal sealed record LegacyDeleteRequest(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: Required] string? SessionId) : IRequestBody<LegacyDeleteRequest>
{
    public static bool RejectsUnknownMembers => false;

    public static LegacyDeleteRequest Read(JsonObjectReader members) => new(members.Text("userId"), members.Required("sessionId"));
}
