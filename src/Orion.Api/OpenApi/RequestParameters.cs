using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Orion.Api.OpenApi;

/// <summary>Metadata of a route: a query parameter.</summary>
internal sealed record QueryParameter(string Name, string Description)
{
    public bool Required { get; init; }

    /// <summary>The largest value of an integer. The smallest is 1.</summary>
    public int? Max { get; init; }

    /// <summary>The default of an integer.</summary>
    public int? Default { get; init; }

    /// <summary>The allowed values. The first one is the default.</summary>
    public string[]? AllowedValues { get; init; }

    /// <summary>The format in OpenAPI's terms, such as <c>date-time</c>.</summary>
    public string? Format { get; init; }

    /// <summary>An example. The page <c>/docs</c> suggests it.</summary>
    public string? Example { get; init; }

    /// <summary>The maximum length, in characters.</summary>
    public int? MaxLength { get; init; }
}

/// <summary>Metadata of a route: a request header.</summary>
internal sealed record RequestHeader(string Name, string Description);

/// <summary>Adds parameters to the operations. The framework finds only those that it binds itself, and Orion's handlers read theirs.</summary>
internal static class RequestParameters
{
    internal static Task Add(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters =
        [
            .. InPath(context.Description.RelativePath),
            .. metadata.OfType<QueryParameter>().Select(InQuery),
            .. metadata.OfType<RequestHeader>().Select(InHeader),
        ];
        return Task.CompletedTask;
    }

    private static IEnumerable<OpenApiParameter> InPath(string? path) =>
        from segment in (path ?? "").Split('/')
        where segment.StartsWith('{')
        select new OpenApiParameter
        {
            Name = segment.Trim('{', '}'),
            In = ParameterLocation.Path,
            Required = true,
            Description = "A UUID: 36 characters, hexadecimal digits and hyphens.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
        };

    private static OpenApiParameter InQuery(QueryParameter parameter) => new()
    {
        Name = parameter.Name,
        In = ParameterLocation.Query,
        Required = parameter.Required,
        Description = parameter.Description,
        Examples = parameter.Example is null ? null : new Dictionary<string, IOpenApiExample> { ["example"] = Unselected(parameter.Example) },
        Schema = new OpenApiSchema
        {
            Type = parameter.Max is null ? JsonSchemaType.String : JsonSchemaType.Integer,
            Minimum = parameter.Max is null ? null : "1",
            Maximum = parameter.Max?.ToString(CultureInfo.InvariantCulture),
            Default = parameter.Default is { } number ? JsonValue.Create(number) : JsonValue.Create(parameter.AllowedValues?[0]),
            Enum = parameter.AllowedValues is { } values ? [.. values.Select(value => JsonValue.Create(value))] : null,
            Format = parameter.Format,
            MaxLength = parameter.MaxLength,
        },
    };

    // The page shows the example, and does not send it. It warns of an empty time, so there must be an example.
    private static OpenApiExample Unselected(string value) => new()
    {
        Value = value,
        Extensions = new Dictionary<string, IOpenApiExtension> { ["x-disabled"] = new JsonNodeExtension(true) },
    };

    private static OpenApiParameter InHeader(RequestHeader header) => new()
    {
        Name = header.Name,
        In = ParameterLocation.Header,
        Description = header.Description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
