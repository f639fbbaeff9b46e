using Orion.Api.Errors;
using Orion.Api.OpenApi;
using Orion.Application.Replies;
using Orion.Domain.Replies;

namespace Orion.Api.Replies;

/// <summary>Routes that need a model.</summary>
internal static class ModelRequirement
{
    private static readonly Problem NoModel = Problems.From(ReplyErrors.NoModel);

    /// <summary>Without a model, the routes respond with 501 before they read anything of the request.</summary>
    internal static TBuilder RequireModel<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointConventionBuilder
    {
        routes.Add(endpoint =>
        {
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = http => http.RequestServices.GetRequiredService<IModelClient>().Names.Count > 0
                ? next(http)
                : http.RequestServices.GetRequiredService<IProblemWriter>().Write(http, NoModel);
        });
        return routes.ProducesProblems(501);
    }
}
