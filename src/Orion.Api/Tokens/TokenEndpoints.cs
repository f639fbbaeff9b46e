using System.ComponentModel.DataAnnotations;
using Orion.Api.Authentication;
using Orion.Api.Http;
using Orion.Api.OpenApi;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Tokens;

namespace Orion.Api.Tokens;

/// <summary>Session tokens for web pages, and the revocation of all tokens.</summary>
internal static class TokenEndpoints
{
    internal static void MapTokens(this IEndpointRouteBuilder routes)
    {
        var tokens = routes.MapGroup("").WithTags("Tokens");

        tokens.MapWrite<MintTokenRequest, SessionTokenView>(HttpMethods.Post, "/api/tokens", Mint, Minted)
            .WithName("mintSessionToken")
            .WithSummary("Mint a token for one session")
            .WithDescription(
                "The token can read its session, and read and append the session's messages. It is valid until it expires, "
                + "its session is archived or deleted, or the tokens of its user are revoked. Requires a user token.")
            .Produces<SessionTokenView>(201)
            .ProducesProblems(404, 409);

        tokens.MapWrite(HttpMethods.Post, "/api/tokens/revoke", Revoke)
            .WithName("revokeTokens")
            .WithSummary("Revoke all tokens of the caller")
            .WithDescription(
                "Revokes all tokens issued up to and including the current second. The response is sent when this second is over: "
                + "tokens minted after the response are valid.")
            .Produces(204);
    }

    private static MintSessionToken Mint(HttpContext http, JsonObjectReader body) =>
        new(http.Caller(), body.SessionId("sessionId"), body.Number("expiresInSeconds"));

    private static JsonResult<SessionTokenView> Minted(SessionTokenView token) =>
        new(token, OrionJson.Responses.SessionTokenView, StatusCodes.Status201Created);

    private static async Task<IResult> Revoke(HttpContext http, IDispatcher dispatcher)
    {
        var outcome = await dispatcher.Send(new RevokeTokens(http.Caller()), http.RequestAborted);
        if (outcome.Error is { } error) return ResultExtensions.Failed(error);

        await http.RequestServices.GetRequiredService<TimeProvider>().WaitUntil(outcome.Value.ValidFrom, http.RequestAborted);
        return NoContentResult.Instance;
    }
}

/// <summary><c>POST /api/tokens</c>.</summary>
/// <param name="SessionId">The id of the session.</param>
/// <param name="ExpiresInSeconds">The lifetime of the token, in seconds.</param>
internal sealed record MintTokenRequest(
    [property: Required] string? SessionId,
    [property: Range(1, SessionTokenLifetime.MaxSeconds)] int? ExpiresInSeconds) : IRequestBody
{
    public static bool RejectsUnknownMembers => true;
}
