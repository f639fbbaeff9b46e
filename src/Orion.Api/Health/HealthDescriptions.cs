using Orion.Api.OpenApi;

namespace Orion.Api.Health;

/// <summary>The open routes in the OpenAPI document.</summary>
internal static class HealthDescriptions
{
    private const string Tag = "Health";

    internal static RouteDescription Health { get; } = new(
        "getHealth", Tag, "Whether the service is healthy",
        "200 when requests would be served: the database answers within 2 s, is migrated and can be written. Else 503 with the same members. One check runs at a time, at most one a second.")
    {
        Answer = typeof(HealthResponse),
        Refusals = [503],
    };

    internal static RouteDescription Live { get; } = new("getLive", Tag, "Whether the process runs", "200 while it does.")
    {
        Answer = typeof(StatusResponse),
    };

    internal static RouteDescription Ready { get; } = new(
        "getReady", Tag, "Whether the service can be used", "200 when the database answers within 2 s, is migrated and can be written, else 503.")
    {
        Answer = typeof(StatusResponse),
        Refusals = [503],
    };

    internal static RouteDescription Service { get; } = new("getService", Tag, "What this service is", "Its name, its version, and where it is described.")
    {
        Answer = typeof(ServiceResponse),
    };
}
