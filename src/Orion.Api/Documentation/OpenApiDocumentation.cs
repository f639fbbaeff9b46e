using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Orion.Api.Health;
using Orion.Api.Json;
using Orion.Infrastructure.Settings;
using Scalar.AspNetCore;

namespace Orion.Api.Documentation;

/// <summary>The OpenAPI 3.1 document and, in Development, a page to try it out.</summary>
internal static class OpenApiDocumentation
{
    internal const string DocumentPath = "/openapi/v1.json";
    internal const string PagePath = "/docs";

    internal static IServiceCollection AddOrionDocumentation(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.CamelCase;
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, OrionJson.Answers);
        });
        return services.AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer(Describe);
            options.AddOperationTransformer(OperationDescriber.Describe);
            options.AddSchemaTransformer(SchemaDescriber.Describe);
        });
    }

    internal static void MapDocumentation(this WebApplication app, OrionSettings settings)
    {
        if (!settings.ApiDocs) return;

        // In Production whoever reads it presents a user token, as for any other route.
        var document = app.MapOpenApi();
        if (!app.Environment.IsDevelopment()) return;

        document.AllowAnonymous();
        app.MapScalarApiReference(PagePath, options => options
            .WithTitle("Orion")
            .WithOpenApiRoutePattern(DocumentPath)
            .DisableDefaultFonts()
            .DisableAgent()
            .DisableTelemetry()).AllowAnonymous().Add(DocumentationPage.RelaxPolicy);
    }

    private static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Orion",
            Version = ServiceIdentity.Version,
            Description =
                "The backend of a private AI-chat web frontend: it keeps the sessions and messages of a short list of people, and lets nobody else in. "
                + "Every answer carries X-Request-Id, every counted one RateLimit and RateLimit-Policy.",
        };
        // Where it is served from is wherever it was fetched from.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["bearer"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "A user token (HS256 with the shared secret), or a session token where a route says that it takes one.",
            },
        };
        return Task.CompletedTask;
    }
}
