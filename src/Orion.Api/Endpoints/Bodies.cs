using System.ComponentModel.DataAnnotations;
using Orion.Api.Json;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Api.Endpoints;

/// <summary><c>POST /api/sessions</c>.</summary>
internal sealed record CreateSessionBody(
    [property: MaxLength(SessionTitle.MaxLength)] string? Title,
    [property: MaxLength(MessageContent.MaxLength)] string? FirstMessage,
    [property: JsonObject] string? Metadata) : IRequestBody<CreateSessionBody>
{
    public static bool RefusesUnknownMembers => true;

    public static CreateSessionBody Read(JsonMembers members) =>
        new(members.Text("title"), members.Text("firstMessage"), members.Object("metadata"));
}

/// <summary><c>PATCH /api/sessions/{sessionId}</c>.</summary>
internal sealed record ChangeSessionBody(
    [property: MaxLength(SessionTitle.MaxLength)] string? Title,
    bool? Archived,
    [property: JsonObject] string? Metadata) : IRequestBody<ChangeSessionBody>
{
    public static bool RefusesUnknownMembers => true;

    public static ChangeSessionBody Read(JsonMembers members) =>
        new(members.Text("title"), members.Flag("archived"), members.Object("metadata"));
}

/// <summary><c>POST /api/sessions/{sessionId}/messages</c>.</summary>
internal sealed record AppendMessageBody(
    [property: Required, AllowedValues(MessageRoles.User, MessageRoles.Assistant)] string? Role,
    [property: Required, MinLength(1), MaxLength(MessageContent.MaxLength)] string? Content,
    [property: JsonObject] string? Metadata) : IRequestBody<AppendMessageBody>
{
    public static bool RefusesUnknownMembers => true;

    public static AppendMessageBody Read(JsonMembers members) =>
        new(members.Text("role"), members.Text("content"), members.Object("metadata"));
}

/// <summary><c>POST /api/sessions/create</c>.</summary>
internal sealed record CreateBody(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: MaxLength(MessageContent.MaxLength)] string? FirstMessage) : IRequestBody<CreateBody>
{
    public static bool RefusesUnknownMembers => false;

    public static CreateBody Read(JsonMembers members) => new(members.Text("userId"), members.Text("firstMessage"));
}

/// <summary><c>POST /api/sessions/save-message</c>.</summary>
internal sealed record SaveMessageBody(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: Required] string? SessionId,
    [property: Required, AllowedValues(MessageRoles.User, MessageRoles.Assistant)] string? Role,
    [property: Required, MinLength(1), MaxLength(MessageContent.MaxLength)] string? Content,
    [property: JsonObject] string? Metadata) : IRequestBody<SaveMessageBody>
{
    public static bool RefusesUnknownMembers => false;

    public static SaveMessageBody Read(JsonMembers members) => new(
        members.Text("userId"), members.Required("sessionId"), members.Text("role"), members.Text("content"), members.Object("metadata"));
}

/// <summary><c>POST /api/sessions/delete</c>.</summary>
internal sealed record DeleteBody(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: Required] string? SessionId) : IRequestBody<DeleteBody>
{
    public static bool RefusesUnknownMembers => false;

    public static DeleteBody Read(JsonMembers members) => new(members.Text("userId"), members.Required("sessionId"));
}

/// <summary>A text that holds a JSON object, which stands in the body as an object.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class JsonObjectAttribute : Attribute;
