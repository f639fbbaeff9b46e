using Orion.Api.Http;
using Orion.Api.Network;
using Orion.Api.OpenApi;
using Orion.Application.Availability;
using Orion.Application.Messaging;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.Health;

/// <summary>The routes without authentication: health checks, and the service's name and version.</summary>
internal static class HealthEndpoints
{
    internal static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // Created now, because the uptime counts from its creation.
        routes.ServiceProvider.GetRequiredService<ServiceIdentity>();

        var open = routes.MapGroup("").WithTags("Health").AllowAnonymous().DisableRateLimiting().ProducesProblems(403);

        open.MapRead("/health", Health)
            .WithName("getHealth")
            .WithSummary("Get the health of the service")
            .WithDescription(
                "200 if the database responds within 2 s, is migrated and can be written; otherwise 503 with the same members. "
                + "Only one check runs at a time, at most one per second.")
            .WithMetadata(new AllowHttpAttribute())
            .Produces<HealthResponse>()
            .Produces<HealthResponse>(503);

        open.MapRead("/health/live", Live)
            .WithName("getLive")
            .WithSummary("Check whether the process runs")
            .WithDescription("200 while the process runs.")
            .WithMetadata(new AllowHttpAttribute())
            .Produces<StatusResponse>();

        open.MapRead("/health/ready", Ready)
            .WithName("getReady")
            .WithSummary("Check whether the service is ready")
            .WithDescription("200 if the database responds within 2 s, is migrated and can be written; otherwise 503.")
            .WithMetadata(new AllowHttpAttribute())
            .Produces<StatusResponse>()
            .Produces<StatusResponse>(503);

        open.MapRead("/", Service)
            .WithName("getService")
            .WithSummary("Get the name and version of the service")
            .WithDescription("The name and the version of the service, and where to find its documentation.")
            .Produces<ServiceResponse>();
    }

    private static async Task<IResult> Health(HttpContext http, IDispatcher dispatcher)
    {
        var service = http.RequestServices.GetRequiredService<ServiceIdentity>();
        var isReady = await IsReady(http.RequestServices.GetRequiredService<IDatabaseHealth>());
        var protection = await http.RequestServices.GetRequiredService<ProtectionState>().Read();
        var settings = http.RequestServices.GetRequiredService<OrionSettings>();
        var response = new HealthResponse(
            isReady ? "healthy" : "down",
            ServiceIdentity.Name,
            ServiceIdentity.Version,
            service.Now,
            service.Uptime.TotalSeconds,
            settings.HealthShowsDatabase ? settings.Database.Address
                : settings.Database.Provider == DatabaseProvider.PostgreSql ? "postgresql" : "sqlite",
            protection.Secured,
            protection.JwtEnabled);
        return new JsonResult<HealthResponse>(response, OrionJson.Responses.HealthResponse, Status(isReady));
    }

    private static Task<IResult> Live(HttpContext http, IDispatcher dispatcher) =>
        Task.FromResult<IResult>(new JsonResult<StatusResponse>(new("live"), OrionJson.Responses.StatusResponse));

    private static async Task<IResult> Ready(HttpContext http, IDispatcher dispatcher)
    {
        var database = http.RequestServices.GetRequiredService<IDatabaseHealth>();
        var isReady = await IsReady(database);
        var status = isReady ? "ready" : database.WhenReady.IsCompleted ? "down" : "starting";
        return new JsonResult<StatusResponse>(new(status), OrionJson.Responses.StatusResponse, Status(isReady));
    }

    private static Task<IResult> Service(HttpContext http, IDispatcher dispatcher)
    {
        var documentation = http.RequestServices.GetRequiredService<ServiceIdentity>().Documentation;
        return Task.FromResult<IResult>(new JsonResult<ServiceResponse>(
            new(ServiceIdentity.Name, ServiceIdentity.Version, documentation), OrionJson.Responses.ServiceResponse));
    }

    // Before its migration, the database responds but is unavailable.
    private static async Task<bool> IsReady(IDatabaseHealth database) => await database.Check() && !database.IsUnavailable;

    private static int Status(bool isReady) => isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
}

/// <summary><c>GET /health</c>.</summary>
/// <param name="Status"><c>healthy</c> or <c>down</c>.</param>
/// <param name="Service">The name of the service.</param>
/// <param name="Version">The version of the service.</param>
/// <param name="Timestamp">The current time.</param>
/// <param name="Uptime">The time since the process started, in seconds.</param>
/// <param name="Database">The database system, or its address if the settings allow it.</param>
/// <param name="Secured">Whether routes require authentication by default.</param>
/// <param name="JwtEnabled">Whether JWT authentication is enabled.</param>
internal sealed record HealthResponse(
    string Status, string Service, string Version, DateTimeOffset Timestamp, double Uptime, string Database, bool Secured, bool JwtEnabled);

/// <summary><c>GET /health/live</c> and <c>GET /health/ready</c>.</summary>
/// <param name="Status"><c>live</c>; or <c>ready</c>, <c>starting</c> or <c>down</c>.</param>
internal sealed record StatusResponse(string Status);

/// <summary><c>GET /</c>.</summary>
/// <param name="Service">The name of the service.</param>
/// <param name="Version">The version of the service.</param>
/// <param name="Documentation">Where to find the API documentation.</param>
internal sealed record ServiceResponse(string Service, string Version, string Documentation);
