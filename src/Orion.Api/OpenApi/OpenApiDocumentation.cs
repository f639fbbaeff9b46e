using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Orion.Api.Health;
using Orion.Api.Http;
using Orion.Infrastructure.Configuration;
using Scalar.AspNetCore;

namespace Orion.Api.OpenApi;

/// <summary>The OpenAPI 3.1 document and, in Development, a page to try it out.</summary>
internal static class OpenApiDocumentation
{
    internal const string DocumentPath = "/openapi/v1.json";
    internal const string PagePath = "/docs";

    // The packages' own routes take GET alone.
    private static readonly HttpMethodMetadata GetAndHead = new([HttpMethods.Get, HttpMethods.Head]);

    private static readonly (string Name, string Meaning)[] Tags =
    [
        ("Sessions", "Chat sessions of the caller."),
        ("Messages", "The messages of a session, in order. A message never changes."),
        ("Phase 1", "The routes of the service that Orion replaces: other doors to the same sessions and messages."),
        ("Tokens", "Tokens for one session, and the end of all tokens."),
        ("Users", "The caller."),
        ("Health", "Open to everybody and never counted."),
    ];

    internal static IServiceCollection AddOrionDocumentation(this IServiceCollection services, OrionSettings settings)
    {
        // What makes the document is a part of each start.
        if (!settings.ApiDocs) return services;

        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.CamelCase;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
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
        var document = app.MapOpenApi().WithMetadata(GetAndHead);
        if (!app.Environment.IsDevelopment()) return;

        document.AllowAnonymous();
        app.MapScalarApiReference(PagePath, options => options
            .WithTitle("Orion")
            .WithOpenApiRoutePattern(DocumentPath)
            .DisableDefaultFonts()
            .DisableAgent()
            .DisableTelemetry()
            .HideDeveloperTools()
            .HideClientButton()
            .AddPreferredSecuritySchemes("bearer")
            .WithNonce()).WithMetadata(GetAndHead).AllowAnonymous().Add(DocumentationPage.RelaxPolicy);
    }

    private static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Orion",
            Version = ServiceIdentity.Version,
            Description =
                "The backend of a private AI-chat web frontend: it keeps the sessions and messages of a short list of people, "
                + "and lets nobody else in. A refusal is `application/problem+json` (RFC 9457) with a stable `error` code. "
                + "A query parameter that is given twice is 400 `validation_failed`; an empty one is absent; an unknown one is 400 `unknown_member` on the lists of "
            + "sessions and messages, and ignored elsewhere. "
            + "HEAD works wherever GET does; any other method that a path does not take is 405 `method_not_allowed`, "
                + "and an unknown path 404 `not_found`, after the token has been checked. "
                + "Every answer carries `X-Request-Id`, every counted one `RateLimit` and `RateLimit-Policy`.",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        // Where it is served from is wherever it was fetched from.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Meaning }).ToHashSet();
        foreach (var path in document.Paths.Values) path.Operations?.Remove(HttpMethod.Head);
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
