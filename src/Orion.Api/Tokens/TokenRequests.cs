using System.ComponentModel.DataAnnotations;
using Orion.Api.Http;

namespace Orion.Api.Tokens;

/// <summary><c>POST /api/tokens</c>.</summary>
internal sealed record MintTokenRequest(
    [property: Required] string? SessionId,
    [property: Range(1, 900)] int? ExpiresInSeconds) : IRequestBody<MintTokenRequest>
{
    public static bool RejectsUnknownMembers => true;

    public static MintTokenRequest Read(JsonObjectReader members) => new(members.Required("sessionId"), members.Number("expiresInSeconds"));
}
