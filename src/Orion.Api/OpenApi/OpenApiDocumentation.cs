using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Orion.Api.Authentication;
using Orion.Api.Health;
using Orion.Api.Http;
using Orion.Domain.Sessions;
using Orion.Infrastructure.Configuration;
using Scalar.AspNetCore;

namespace Orion.Api.OpenApi;

/// <summary>The OpenAPI 3.1 document and, in Development, a page to try the API.</summary>
internal static class OpenApiDocumentation
{
    internal const string DocumentPath = "/openapi/v1.json";
    internal const string PagePath = "/docs";

    private const string SecurityScheme = "bearer";

    // The packages map only GET.
    private static readonly HttpMethodMetadata GetAndHead = new([HttpMethods.Get, HttpMethods.Head]);

    private static readonly string[] TypeSuffixes = ["View", "Request", "Response", "Body"];

    internal static IServiceCollection AddOrionDocumentation(this IServiceCollection services, OrionSettings settings)
    {
        // If the document is not served, its services would only slow down the start.
        if (!settings.ApiDocs) return services;

        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, OrionJson.Responses);
        });
        return services.AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = route => route.HttpMethod != HttpMethods.Head;
            options.CreateSchemaReferenceId = ComponentName;
            options.AddDocumentTransformer(AddGeneralInformation);
            options.AddOperationTransformer(AddSecurity);
            options.AddOperationTransformer(RequestParameters.Add);
            options.AddOperationTransformer(StreamResponse.Add);
            options.AddOperationTransformer(Responses.Complete);
            options.AddSchemaTransformer(SchemaConstraints.Add);
        });
    }

    internal static void MapDocumentation(this WebApplication app, OrionSettings settings)
    {
        if (!settings.ApiDocs) return;

        // In Production, the document requires a user token like any other route.
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
            .AddPreferredSecuritySchemes(SecurityScheme)
            .WithNonce()).WithMetadata(GetAndHead).AllowAnonymous().Add(DocumentationPage.RelaxPolicy);
    }

    private static Task AddGeneralInformation(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Orion",
            Version = ServiceIdentity.Version,
            Description =
                "The backend of a private AI chat web frontend. It stores the sessions and messages of the users on its allow-list. "
                + "Errors are `application/problem+json` (RFC 9457) with a stable `error` code. "
                + "If a query parameter occurs twice, the response is 400 `validation_failed`. An empty parameter counts as absent. "
                + "An unknown parameter is 400 `unknown_member` on the lists of sessions and messages and on the search; other routes ignore it. "
                + "HEAD works on every route that has GET. Other methods are 405 `method_not_allowed`, and unknown paths are 404 `not_found`; "
                + "the token is checked first. "
                + "Every response has the header `X-Request-Id`. Responses to rate-limited requests have `RateLimit` and `RateLimit-Policy`.",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        // Relative to the address of the document.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = "Sessions", Description = "The caller's chat sessions." },
            new() { Name = "Messages", Description = "The messages of a session, in order. Messages do not change." },
            new() { Name = "Replies", Description = "The model's replies: streamed, stored when they end, and resumable until then." },
            new() { Name = "Search", Description = "The caller's messages and titles, by their words." },
            new() { Name = "Models", Description = "The models that can reply." },
            new() { Name = "Phase 1", Description = "The routes of the service that Orion replaces, for the same sessions and messages." },
            new() { Name = "Tokens", Description = "Session tokens, and the revocation of all tokens." },
            new() { Name = "Users", Description = "The caller." },
            new() { Name = "Health", Description = "Routes without authentication and rate limit." },
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [SecurityScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description =
                    "A user token. In Development, `dotnet run --project src/Orion.Cli -- token mint` prints one; otherwise the frontend's server "
                    + "creates it (HS256 with the shared secret). Routes that say so also accept a session token.",
            },
        };
        return Task.CompletedTask;
    }

    private static Task AddSecurity(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Security = metadata.OfType<IAllowAnonymous>().Any()
            ? []
            : [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SecurityScheme, context.Document)] = [] }];
        if (metadata.OfType<AcceptsSessionTokenAttribute>().Any()) operation.Description += " Accepts a session token for this session.";
        return Task.CompletedTask;
    }

    // SessionView becomes Session. Metadata is so short that it is repeated.
    private static string? ComponentName(JsonTypeInfo type)
    {
        if (type.Type == typeof(Metadata) || OpenApiOptions.CreateDefaultSchemaReferenceId(type) is not { } name) return null;
        var suffix = TypeSuffixes.FirstOrDefault(suffix => name.EndsWith(suffix, StringComparison.Ordinal)) ?? "";
        return name[..^suffix.Length];
    }
}
