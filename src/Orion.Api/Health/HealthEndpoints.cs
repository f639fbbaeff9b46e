using Orion.Api.Http;
using Orion.Api.Network;
using Orion.Api.RateLimiting;
using Orion.Application.Availability;
using Orion.Application.Messaging;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.Health;

/// <summary><c>GET /health</c>.</summary>
/// <param name="Status"><c>healthy</c> or <c>down</c>.</param>
/// <param name="Service">The service's name.</param>
/// <param name="Version">The service's version.</param>
/// <param name="Timestamp">The present instant.</param>
/// <param name="Uptime">How long the process has run, in seconds.</param>
/// <param name="Database">The database system, or its address where the settings say so.</param>
/// <param name="Secured">Whether a route that says nothing is closed.</param>
/// <param name="JwtEnabled">Whether a JWT is the way in.</param>
internal sealed record HealthResponse(
    string Status, string Service, string Version, DateTimeOffset Timestamp, double Uptime, string Database, bool Secured, bool JwtEnabled);

/// <summary><c>GET /health/live</c> and <c>GET /health/ready</c>.</summary>
/// <param name="Status">The state in a word.</param>
internal sealed record StatusResponse(string Status);

/// <summary><c>GET /</c>.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="Version">The service's version.</param>
/// <param name="Documentation">Where its routes are described.</param>
internal sealed record ServiceResponse(string Service, string Version, string Documentation);

/// <summary>What is answered to anybody: whether the service runs, and what it is.</summary>
internal static class HealthEndpoints
{
    internal static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // Made now, because the uptime counts from here and not from the first question.
        routes.ServiceProvider.GetRequiredService<ServiceIdentity>();
        var open = routes.MapGroup("").AllowAnonymous().WithMetadata(new DisableRateLimitingAttribute());
        open.MapRead("/health", Health).WithMetadata(HealthDescriptions.Health, new AllowHttpAttribute());
        open.MapRead("/health/live", Live).WithMetadata(HealthDescriptions.Live, new AllowHttpAttribute());
        open.MapRead("/health/ready", Ready).WithMetadata(HealthDescriptions.Ready, new AllowHttpAttribute());
        open.MapRead("/", Service).WithMetadata(HealthDescriptions.Service);
    }

    private static async Task<IResult> Health(HttpContext http, IDispatcher dispatcher)
    {
        var service = http.RequestServices.GetRequiredService<ServiceIdentity>();
        var isReady = await IsReady(http.RequestServices.GetRequiredService<IDatabaseHealth>());
        var protection = await http.RequestServices.GetRequiredService<ProtectionState>().Read();
        var settings = http.RequestServices.GetRequiredService<OrionSettings>();
        var answer = new HealthResponse(
            isReady ? "healthy" : "down",
            ServiceIdentity.Name,
            ServiceIdentity.Version,
            service.Now,
            service.Uptime.TotalSeconds,
            settings.HealthShowsDatabase ? settings.Database.Address : settings.Database.Provider == DatabaseProvider.PostgreSql ? "postgresql" : "sqlite",
            protection.Secured,
            protection.JwtEnabled);
        return new JsonResult<HealthResponse>(answer, OrionJson.Answers.HealthResponse, Status(isReady));
    }

    private static Task<IResult> Live(HttpContext http, IDispatcher dispatcher) =>
        Task.FromResult<IResult>(new JsonResult<StatusResponse>(new("live"), OrionJson.Answers.StatusResponse));

    private static async Task<IResult> Ready(HttpContext http, IDispatcher dispatcher)
    {
        var database = http.RequestServices.GetRequiredService<IDatabaseHealth>();
        var isReady = await IsReady(database);
        return new JsonResult<StatusResponse>(new(isReady ? "ready" : database.WhenReady.IsCompleted ? "down" : "starting"), OrionJson.Answers.StatusResponse, Status(isReady));
    }

    private static Task<IResult> Service(HttpContext http, IDispatcher dispatcher)
    {
        var documentation = http.RequestServices.GetRequiredService<ServiceIdentity>().Documentation;
        return Task.FromResult<IResult>(new JsonResult<ServiceResponse>(
            new(ServiceIdentity.Name, ServiceIdentity.Version, documentation), OrionJson.Answers.ServiceResponse));
    }

    // Whether requests would be served: before the database is migrated they are not, however well it answers.
    private static async Task<bool> IsReady(IDatabaseHealth database) => await database.Check() && !database.IsUnavailable;

    private static int Status(bool isWell) => isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
}
