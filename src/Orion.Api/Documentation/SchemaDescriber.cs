using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Orion.Api.Endpoints;
using Orion.Domain.Sessions;

namespace Orion.Api.Documentation;

/// <summary>Says in the schemas what the serializer's types do not: metadata, instants, words, and what is always there.</summary>
internal static class SchemaDescriber
{
    internal static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        var attributes = context.JsonPropertyInfo?.AttributeProvider;
        if (type == typeof(Metadata) || attributes?.IsDefined(typeof(JsonObjectAttribute), inherit: false) == true)
        {
            schema.Type = JsonSchemaType.Object;
            schema.Description = $"A JSON object of at most {Metadata.MaxBytes} bytes, given back as it came.";
        }
        else if (type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?))
        {
            schema.Type = JsonSchemaType.String;
            schema.Format = "date-time";
            schema.Description = "RFC 3339, in UTC with six fractional digits.";
        }

        if (attributes?.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: false) is [AllowedValuesAttribute words])
            schema.Enum = [.. words.Values.OfType<string>().Select(word => JsonValue.Create(word))];

        return Task.CompletedTask;
    }
}
