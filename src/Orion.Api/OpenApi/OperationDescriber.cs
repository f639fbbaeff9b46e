using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using Orion.Api.Authentication;
using Orion.Api.Http;
using Orion.Api.Sessions;

namespace Orion.Api.OpenApi;

/// <summary>Puts a route's <see cref="RouteDescription"/>, and what all routes have in common, into its operation.</summary>
internal static class OperationDescriber
{
    // Every closed route may refuse so, before it is asked anything.
    private static readonly int[] CommonRefusals = [401, 403, 415, 429, 500, 503];

    // An open one refuses an origin, or plain HTTP.
    private static readonly int[] OpenRefusals = [403];

    // And so may every one that takes a body.
    private static readonly int[] BodyRefusals = [400, 408, 413];

    internal static async Task Describe(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<RouteDescription>().FirstOrDefault() is not { } route) return;

        operation.OperationId = route.Id;
        operation.Summary = route.Summary;
        operation.Description = route.Detail;
        operation.Tags = new HashSet<OpenApiTagReference> { new(route.Tag, context.Document) };

        var isOpen = metadata.OfType<IAllowAnonymous>().Any();
        if (isOpen) operation.Security = [];
        else operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", context.Document)] = [] }];
        if (metadata.OfType<AcceptsSessionTokenAttribute>().Any()) operation.Description += " A session token reaches it, for its own session.";

        operation.Parameters = [.. PathParameters(context.Description.RelativePath), .. route.Query.Select(Describe), .. route.Headers.Select(RequestHeader)];

        if (metadata.OfType<RequestBodyMetadata>().FirstOrDefault() is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = Json(await SchemaComponents.Reference(body.Type, context, cancellationToken)),
            };
        }

        operation.Responses = new OpenApiResponses { [Key(route.Status)] = await Answer(route, route.Status, context, cancellationToken) };
        var refusals = route.Refusals
            .Concat(isOpen ? OpenRefusals : CommonRefusals)
            .Concat(operation.RequestBody is null ? [] : BodyRefusals)
            .Distinct().Order();
        foreach (var status in refusals)
        {
            // Where the service is not well, an open route says so in its own answer.
            operation.Responses[Key(status)] = isOpen && status == StatusCodes.Status503ServiceUnavailable
                ? await Answer(route, status, context, cancellationToken)
                : await ProblemComponents.Reference(status, context, cancellationToken);
        }
    }

    private static string Key(int status) => status.ToString(CultureInfo.InvariantCulture);

    private static async Task<IOpenApiResponse> Answer(
        RouteDescription route, int status, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var answer = new OpenApiResponse
        {
            Description = ReasonPhrases.GetReasonPhrase(status),
            Headers = route.AnswerHeaders.ToDictionary(name => name, ResponseHeaders.Describe),
        };
        if (route.Answer is not null)
            answer.Content = Json(await SchemaComponents.Reference(route.Answer, context, cancellationToken));
        return answer;
    }

    private static Dictionary<string, OpenApiMediaType> Json(IOpenApiSchema schema) =>
        new() { ["application/json"] = new() { Schema = schema } };

    private static IEnumerable<OpenApiParameter> PathParameters(string? path) =>
        from part in (path ?? "").Split('/')
        where part.StartsWith('{')
        select new OpenApiParameter
        {
            Name = part.Trim('{', '}'),
            In = ParameterLocation.Path,
            Required = true,
            Description = "A UUID: 36 characters of hex and hyphens.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
        };

    private static OpenApiParameter Describe(QueryParameter parameter)
    {
        var schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = parameter.Format, MaxLength = parameter.MaxLength };
        if (parameter.Max is { } max)
        {
            schema.Type = JsonSchemaType.Integer;
            schema.Minimum = "1";
            schema.Maximum = max.ToString(CultureInfo.InvariantCulture);
            schema.Default = parameter.Default is { } number ? JsonValue.Create(number) : null;
        }
        else if (parameter.Words is { } words)
        {
            schema.Enum = [.. words.Select(word => JsonValue.Create(word))];
            schema.Default = JsonValue.Create(words[0]);
        }

        return new() { Name = parameter.Name, In = ParameterLocation.Query, Required = parameter.Required, Description = parameter.Detail, Schema = schema };
    }

    private static OpenApiParameter RequestHeader(string name) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = name switch
        {
            IdempotencyKeys.HeaderName =>
                "1 to 255 visible characters: a repeat with the same key and body within 24 h is answered as the first was, and writes nothing.",
            "If-Match" => "The ETag of the version that the change is meant for; 412 where it is another by now. A weak tag means the same.",
            _ => null,
        },
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
