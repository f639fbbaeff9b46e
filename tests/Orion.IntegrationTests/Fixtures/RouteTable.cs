using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A route of the running server.</summary>
/// <param name="Method">The method; <c>*</c> if the route accepts any.</param>
/// <param name="Path">The pattern, beginning with a slash.</param>
/// <param name="IsAnonymous">Whether it allows anonymous requests.</param>
internal sealed record Route(string Method, string Path, bool IsAnonymous)
{
    /// <summary>The routes of a running server.</summary>
    public static IReadOnlyList<Route> Of(OrionServer server) =>
    [
        .. server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(endpoint =>
        {
            var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];
            var path = "/" + endpoint.RoutePattern.RawText!.Trim('/');
            var isAnonymous = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            return (methods.Count == 0 ? ["*"] : methods).Select(method => new Route(method, path, isAnonymous));
        }).Distinct().OrderBy(route => route.Path, StringComparer.Ordinal).ThenBy(route => route.Method, StringComparer.Ordinal),
    ];
}
