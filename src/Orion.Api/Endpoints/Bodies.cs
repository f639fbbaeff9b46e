using System.ComponentModel.DataAnnotations;
using Orion.Api.Json;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Api.Endpoints;

/// <summary><c>POST /api/sessions</c>.</summary>
/// <param name="Title">Its title; not blank.</param>
/// <param name="FirstMessage">Stored as message 1, by the user; a blank one counts as absent.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
internal sealed record CreateSessionBody(
    [property: MinLength(1), MaxLength(SessionTitle.MaxLength)] string? Title,
    [property: MaxLength(MessageContent.MaxLength)] string? FirstMessage,
    [property: JsonObject] string? Metadata) : IRequestBody<CreateSessionBody>
{
    public static bool RefusesUnknownMembers => true;

    public static CreateSessionBody Read(JsonMembers members) =>
        new(members.Text("title"), members.Text("firstMessage"), members.Object("metadata"));
}

/// <summary><c>PATCH /api/sessions/{sessionId}</c>.</summary>
/// <param name="Title">Its new title; not blank.</param>
/// <param name="Archived">Whether it is archived.</param>
/// <param name="Metadata">What takes the place of its metadata.</param>
internal sealed record ChangeSessionBody(
    [property: MinLength(1), MaxLength(SessionTitle.MaxLength)] string? Title,
    bool? Archived,
    [property: JsonObject] string? Metadata) : IRequestBody<ChangeSessionBody>
{
    public static bool RefusesUnknownMembers => true;

    public static ChangeSessionBody Read(JsonMembers members) =>
        new(members.Text("title"), members.Flag("archived"), members.Object("metadata"));
}

/// <summary><c>POST /api/sessions/{sessionId}/messages</c>.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">What is said.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
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
/// <param name="UserId">Where given, it must be the caller.</param>
/// <param name="FirstMessage">Stored as message 1, by the user; a blank one counts as absent.</param>
internal sealed record CreateBody(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: MaxLength(MessageContent.MaxLength)] string? FirstMessage) : IRequestBody<CreateBody>
{
    public static bool RefusesUnknownMembers => false;

    public static CreateBody Read(JsonMembers members) => new(members.Text("userId"), members.Text("firstMessage"));
}

/// <summary><c>POST /api/sessions/save-message</c>.</summary>
/// <param name="UserId">Where given, it must be the caller.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">What is said.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
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
/// <param name="UserId">Where given, it must be the caller.</param>
/// <param name="SessionId">The session.</param>
internal sealed record DeleteBody(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: Required] string? SessionId) : IRequestBody<DeleteBody>
{
    public static bool RefusesUnknownMembers => false;

    public static DeleteBody Read(JsonMembers members) => new(members.Text("userId"), members.Required("sessionId"));
}

/// <summary><c>POST /api/tokens</c>.</summary>
internal sealed record MintTokenBody(
    [property: Required] string? SessionId,
    [property: Range(1, 900)] int? ExpiresInSeconds) : IRequestBody<MintTokenBody>
{
    public static bool RefusesUnknownMembers => true;

    public static MintTokenBody Read(JsonMembers members) => new(members.Required("sessionId"), members.Number("expiresInSeconds"));
}

/// <summary>A text that holds a JSON object, which stands in the body as an object.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class JsonObjectAttribute : Attribute;
