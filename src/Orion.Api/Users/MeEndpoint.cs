using Orion.Api.Authentication;
using Orion.Api.Http;
using Orion.Api.OpenApi;
using Orion.Application.Messaging;
using Orion.Application.Users;

namespace Orion.Api.Users;

/// <summary>Who the caller is.</summary>
internal static class MeEndpoint
{
    internal static void MapMe(this IEndpointRouteBuilder routes) => routes.MapRead("/api/me", Get).WithMetadata(MeDescription);

    private static readonly RouteDescription MeDescription = new(
        "getMe", "Users", "Who the caller is", "The caller's entry of the allow-list.")
    {
        Answer = typeof(MeView),
    };

    private static async Task<IResult> Get(HttpContext http, IDispatcher dispatcher) =>
        (await dispatcher.Send(new GetMe(http.Caller()), http.RequestAborted)).Then(me => new JsonResult<MeView>(me, OrionJson.Answers.MeView));
}
