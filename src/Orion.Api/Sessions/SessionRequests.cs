using System.ComponentModel.DataAnnotations;
using Orion.Api.Http;
using Orion.Domain.Sessions;

namespace Orion.Api.Sessions;

/// <summary><c>POST /api/sessions</c>.</summary>
/// <param name="Title">Its title; not blank.</param>
/// <param name="FirstMessage">Stored as message 1, by the user; a blank one counts as absent.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
internal sealed record CreateSessionRequest(
    [property: MinLength(1), MaxLength(SessionTitle.MaxLength)] string? Title,
    [property: MaxLength(MessageContent.MaxLength)] string? FirstMessage,
    [property: JsonObject] string? Metadata) : IRequestBody<CreateSessionRequest>
{
    public static bool RejectsUnknownMembers => true;

    public static CreateSessionRequest Read(JsonObjectReader members) =>
        new(members.Text("title"), members.Text("firstMessage"), members.Object("metadata"));
}

/// <summary><c>PATCH /api/sessions/{sessionId}</c>.</summary>
/// <param name="Title">Its new title; not blank.</param>
/// <param name="Archived">Whether it is archived.</param>
/// <param name="Metadata">What takes the place of its metadata.</param>
internal sealed record UpdateSessionRequest(
    [property: MinLength(1), MaxLength(SessionTitle.MaxLength)] string? Title,
    bool? Archived,
    [property: JsonObject] string? Metadata) : IRequestBody<UpdateSessionRequest>
{
    public static bool RejectsUnknownMembers => true;

    public static UpdateSessionRequest Read(JsonObjectReader members) =>
        new(members.Text("title"), members.Flag("archived"), members.Object("metadata"));
}
