using System.ComponentModel.DataAnnotations;
using Orion.Api.Authentication;
using Orion.Api.Http;
using Orion.Api.OpenApi;
using Orion.Application.Messaging;
using Orion.Application.Tokens;
using Orion.Domain.Sessions;

namespace Orion.Api.Tokens;

/// <summary>Session tokens, for a page that should not hold a user token; and the end of all tokens.</summary>
internal static class TokenEndpoints
{
    private const string Tag = "Tokens";

    private static readonly RouteDescription MintDescription = new(
        "mintSessionToken", Tag, "Mint a token for one session",
        "The token reads its session and reads and appends its messages. It ends with its lifetime, when its session is archived or deleted, "
        + "and when its user's tokens are revoked. Needs a user token.")
    {
        Status = StatusCodes.Status201Created,
        Answer = typeof(SessionTokenView),
        Refusals = [404, 409],
    };

    private static readonly RouteDescription RevokeDescription = new(
        "revokeTokens", Tag, "Revoke all tokens of the caller",
        "Every token issued up to this second is refused. The answer comes when the second is over: a token minted after it works.")
    {
        Status = StatusCodes.Status204NoContent,
    };

    internal static void MapTokens(this IEndpointRouteBuilder routes)
    {
        routes.MapWrite<MintTokenRequest>(HttpMethods.Post, "/api/tokens", Mint).WithMetadata(MintDescription);
        routes.MapWrite(HttpMethods.Post, "/api/tokens/revoke", Revoke).WithMetadata(RevokeDescription);
    }

    private static async Task<IResult> Mint(HttpContext http, IDispatcher dispatcher, MintTokenRequest body)
    {
        var session = SessionId.Parse(body.SessionId) ?? SessionId.Unassigned;
        var outcome = await dispatcher.Send(new MintSessionToken(http.Caller(), session, body.ExpiresInSeconds), http.RequestAborted);
        return outcome.Then(token => new JsonResult<SessionTokenView>(token, OrionJson.Answers.SessionTokenView, StatusCodes.Status201Created));
    }

    private static async Task<IResult> Revoke(HttpContext http, IDispatcher dispatcher)
    {
        var outcome = await dispatcher.Send(new RevokeTokens(http.Caller()), http.RequestAborted);
        if (outcome.Error is { } error) return ResultExtensions.Refused(error);

        await http.RequestServices.GetRequiredService<TimeProvider>().Until(outcome.Value.ValidFrom, http.RequestAborted);
        return NoContentResult.Instance;
    }
}

/// <summary><c>POST /api/tokens</c>.</summary>
internal sealed record MintTokenRequest(
    [property: Required] string? SessionId,
    [property: Range(1, 900)] int? ExpiresInSeconds) : IRequestBody<MintTokenRequest>
{
    public static bool RejectsUnknownMembers => true;

    public static MintTokenRequest Read(JsonObjectReader members) => new(members.Required("sessionId"), members.Number("expiresInSeconds"));
}
