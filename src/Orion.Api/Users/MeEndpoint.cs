using Orion.Api.Authentication;
using Orion.Api.Http;
using Orion.Application.Messaging;
using Orion.Application.Users;

namespace Orion.Api.Users;

/// <summary>The route of the caller's own user.</summary>
internal static class MeEndpoint
{
    internal static void MapMe(this IEndpointRouteBuilder routes) =>
        routes.MapRead("/api/me", Get)
            .WithName("getMe")
            .WithTags("Users")
            .WithSummary("Get the caller")
            .WithDescription("The caller's entry on the allow-list.")
            .Produces<MeView>();

    private static async Task<IResult> Get(HttpContext http, IDispatcher dispatcher) =>
        (await dispatcher.Send(new GetMe(http.Caller()), http.RequestAborted)).Then(me => new JsonResult<MeView>(me, OrionJson.Responses.MeView));
}
