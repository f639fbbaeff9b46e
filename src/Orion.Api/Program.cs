using Orion.Api.Authentication;
using Orion.Api.Cors;
using Orion.Api.Errors;
using Orion.Api.Export;
using Orion.Api.Health;
using Orion.Api.Hosting;
using Orion.Api.Http;
using Orion.Api.Legacy;
using Orion.Api.Logging;
using Orion.Api.Mcp;
using Orion.Api.Messages;
using Orion.Api.Network;
using Orion.Api.OpenApi;
using Orion.Api.RateLimiting;
using Orion.Api.Replies;
using Orion.Api.Search;
using Orion.Api.SecurityHeaders;
using Orion.Api.Sessions;
using Orion.Api.Telemetry;
using Orion.Api.Tokens;
using Orion.Api.Users;
using Orion.Application;
using Orion.Infrastructure;
using Orion.Infrastructure.Configuration;

namespace Orion.Api;

/// <summary>Configures and runs the service: its settings, services, middleware and routes.</summary>
internal static class Program
{
    /// <summary>Runs the service until a shutdown is requested.</summary>
    /// <returns>The exit code: 0, or another value if Orion cannot start with these settings or this database.</returns>
    internal static async Task<int> Main(string[] args)
    {
        WebApplication app;
        try
        {
            app = Build(args);
        }
        catch (InvalidSettingsException exception)
        {
            await Console.Error.WriteAsync(exception.Message);
            return StartupProblems.ExitCode;
        }
        catch (Exception exception) when (StartFailure.IsOfSettings(exception))
        {
            return await StartFailure.Report(exception);
        }

        return await app.RunUntilStopped();
    }

    /// <summary>Builds the service.</summary>
    /// <exception cref="InvalidSettingsException">The settings are invalid.</exception>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        var settings = builder.ReadSettings();

        builder.Logging.AddOrionLogging(builder.Environment.IsDevelopment());
        builder.WebHost.ConfigureOrionKestrel(settings, builder.Environment.IsDevelopment());
        builder.AddOrionTelemetry(settings);
        builder.Services
            .AddOrionApplication()
            .AddOrionInfrastructure(settings)
            .AddOrionDatabaseStartup()
            .AddOrionAuthentication()
            .AddOrionProtections(settings, builder.Environment.IsDevelopment())
            .AddOrionHosting()
            .AddOrionDocumentation(settings)
            .AddOrionMcp(settings);

        configure?.Invoke(builder);
        var app = builder.Build();

        // The order in which requests are rejected: each middleware hides the errors of those after it.
        app.UseMiddleware<ConnectionCloseMiddleware>();
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseMiddleware<RequestIdMiddleware>();
        app.UseMiddleware<CorsHeadersMiddleware>();
        app.UseMiddleware<ErrorMiddleware>();
        app.UseMiddleware<ClientAddressMiddleware>();
        app.UseRouting();
        if (settings.RequireHttps) app.UseMiddleware<HttpsRequiredMiddleware>();
        app.UseMiddleware<OriginMiddleware>();
        app.UseAuthentication();
        app.UseMiddleware<CallerMiddleware>();
        app.UseMiddleware<RateLimitMiddleware>();
        app.UseAuthorization();

        app.MapHealth();
        var api = app.MapGroup("").ProducesProblems(401, 403, 415, 429, 500, 503);
        api.MapSessions();
        api.MapMessages();
        api.MapReplies();
        api.MapSearch();
        api.MapLegacy();
        api.MapTokens();
        api.MapExport();
        api.MapMe();
        app.MapMcp(settings);
        app.MapDocumentation(settings);
        return app;
    }
}
