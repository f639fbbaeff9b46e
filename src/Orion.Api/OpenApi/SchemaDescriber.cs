using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Orion.Api.Http;
using Orion.Domain.Sessions;

namespace Orion.Api.OpenApi;

/// <summary>Says in the schemas what the serializer's types do not: metadata, instants, words, and what is always there.</summary>
internal static class SchemaDescriber
{
    internal static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        var attributes = context.JsonPropertyInfo?.AttributeProvider;
        if (context.JsonPropertyInfo is { } property && !MayBeNull(property)) schema.Type &= ~JsonSchemaType.Null;

        if (type == typeof(Metadata) || attributes?.IsDefined(typeof(JsonObjectAttribute), inherit: false) == true)
        {
            schema.Type = type == typeof(Metadata) ? JsonSchemaType.Object : JsonSchemaType.Object | JsonSchemaType.Null;
            schema.Properties = null;
            schema.Description = $"A JSON object of at most {Metadata.MaxBytes} bytes, given back as it came.";
        }
        else if (type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?))
        {
            schema.Type = JsonSchemaType.String;
            schema.Format = "date-time";
            schema.Description = $"{schema.Description} RFC 3339, in UTC with six fractional digits.".TrimStart();
        }
        else if (context.JsonPropertyInfo is null && context.JsonTypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            schema.Required = context.JsonTypeInfo.Properties.Where(IsAlwaysThere).Select(member => member.Name).ToHashSet();
            if (RejectsUnknownMembers(type)) schema.AdditionalPropertiesAllowed = false;
        }

        if (attributes?.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: false) is [AllowedValuesAttribute words])
            schema.Enum = [.. words.Values.OfType<string>().Select(word => JsonValue.Create(word))];

        return Task.CompletedTask;
    }

    // In a request null means absent; in an answer nothing is ever null.
    private static bool MayBeNull(JsonPropertyInfo property) => IsBody(property.DeclaringType) && !IsAlwaysThere(property);

    private static bool IsAlwaysThere(JsonPropertyInfo property)
    {
        if (IsBody(property.DeclaringType)) return property.AttributeProvider?.IsDefined(typeof(RequiredAttribute), inherit: false) == true;
        return property.AttributeProvider is PropertyInfo member
            && new NullabilityInfoContext().Create(member).ReadState == NullabilityState.NotNull;
    }

    private static bool IsBody(Type type) =>
        type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IRequestBody<>));

    private static bool RejectsUnknownMembers(Type type) =>
        IsBody(type) && type.GetProperty(nameof(IRequestBody<>.RejectsUnknownMembers))?.GetValue(null) is true;
}
