using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using Orion.Api.Authentication;
using Orion.Api.Endpoints;
using Orion.Api.Errors;

namespace Orion.Api.Documentation;

/// <summary>Puts a route's <see cref="RouteDescription"/>, and what all routes have in common, into its operation.</summary>
internal static class OperationDescriber
{
    private const string Json = "application/json";

    // Every closed route may refuse so, before it is asked anything.
    private static readonly int[] CommonRefusals = [401, 403, 415, 429, 500, 503];

    // And so may every one that takes a body.
    private static readonly int[] BodyRefusals = [400, 408, 413];

    internal static async Task Describe(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<RouteDescription>().FirstOrDefault() is not { } route) return;

        operation.OperationId = context.Description.HttpMethod == HttpMethods.Head ? route.Id + "Head" : route.Id;
        operation.Summary = route.Summary;
        operation.Description = route.Detail;
        operation.Tags = new HashSet<OpenApiTagReference> { new(route.Tag, context.Document) };

        var isOpen = metadata.OfType<IAllowAnonymous>().Any();
        if (isOpen) operation.Security = [];
        else operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", context.Document)] = [] }];
        if (metadata.OfType<AcceptsSessionTokenAttribute>().Any()) operation.Description += " A session token reaches it, for its own session.";

        operation.Parameters = [.. PathParameters(context.Description.RelativePath), .. route.Query.Select(Describe), .. route.Headers.Select(RequestHeader)];

        if (metadata.OfType<TakesBody>().FirstOrDefault() is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType> { [Json] = new() { Schema = await context.GetOrCreateSchemaAsync(body.Type, null, cancellationToken) } },
            };
        }

        operation.Responses = new OpenApiResponses();
        await AddAnswer(operation.Responses, route, context, cancellationToken);
        var refusals = route.Refusals
            .Concat(isOpen ? [] : CommonRefusals)
            .Concat(operation.RequestBody is null ? [] : BodyRefusals)
            .Distinct().Order();
        foreach (var status in refusals) await AddRefusal(operation.Responses, status, isOpen, context, cancellationToken);
    }

    private static async Task AddAnswer(
        OpenApiResponses responses, RouteDescription route, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var answer = new OpenApiResponse
        {
            Description = ReasonPhrases.GetReasonPhrase(route.Status),
            Headers = route.AnswerHeaders.ToDictionary(name => name, ResponseHeader),
        };
        var isHead = context.Description.HttpMethod == HttpMethods.Head;
        if (route.Answer is not null && !isHead)
        {
            var schema = await context.GetOrCreateSchemaAsync(route.Answer, null, cancellationToken);
            answer.Content = new Dictionary<string, OpenApiMediaType> { [Json] = new() { Schema = schema } };
        }

        responses[route.Status.ToString(CultureInfo.InvariantCulture)] = answer;
    }

    private static async Task AddRefusal(
        OpenApiResponses responses, int status, bool isOpen, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var refusal = new OpenApiResponse { Description = ReasonPhrases.GetReasonPhrase(status) };
        if (!isOpen)
        {
            refusal.Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/problem+json"] = new() { Schema = await context.GetOrCreateSchemaAsync(typeof(ProblemBody), null, cancellationToken) },
            };
        }

        string[] headers = status switch
        {
            401 => ["WWW-Authenticate"],
            405 => ["Allow"],
            429 => ["Retry-After", "RateLimit", "RateLimit-Policy"],
            503 => ["Retry-After"],
            _ => [],
        };
        refusal.Headers = headers.ToDictionary(name => name, ResponseHeader);
        responses[status.ToString(CultureInfo.InvariantCulture)] = refusal;
    }

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
            "If-Match" => "The ETag of the version that the change is meant for; 412 where it is another by now.",
            _ => null,
        },
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static IOpenApiHeader ResponseHeader(string name) => new OpenApiHeader
    {
        Description = name switch
        {
            "ETag" => "The session's version, in quotes.",
            "Location" => "The path of what was made.",
            "Retry-After" => "When to try again, in seconds.",
            "RateLimit" => "What is left of the budget, and when the next one begins.",
            "RateLimit-Policy" => "The budget and its window, in seconds.",
            "WWW-Authenticate" => "Bearer, and error=\"invalid_token\" where a token came with the request.",
            "Allow" => "The methods that the path takes.",
            _ => null,
        },
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
