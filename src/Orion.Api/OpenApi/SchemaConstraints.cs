using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Orion.Api.Http;
using Orion.Domain.Sessions;

namespace Orion.Api.OpenApi;

/// <summary>
/// Adds to the schemas what the serializer's type information does not contain: metadata, allowed values, required and unknown members.
/// </summary>
internal static class SchemaConstraints
{
    // OpenApiConstants.NullableProperty of ASP.NET Core, which makes a reference to a component nullable.
    private const string NullableReference = "x-is-nullable-property";

    internal static Task Add(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        var attributes = context.JsonPropertyInfo?.AttributeProvider;
        if (context.JsonPropertyInfo is { } property && !IsNullable(property))
        {
            schema.Type &= ~JsonSchemaType.Null;
            schema.Metadata?.Remove(NullableReference);
        }

        if (type == typeof(Metadata))
        {
            schema.Type = context.JsonPropertyInfo is { } metadata && IsNullable(metadata)
                ? JsonSchemaType.Object | JsonSchemaType.Null
                : JsonSchemaType.Object;
            schema.Properties = null;
            schema.Description = $"A JSON object of at most {Metadata.MaxBytes} bytes. It is returned unchanged.";
        }
        else if (type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?))
        {
            var isRequest = typeof(IRequestBody).IsAssignableFrom(context.JsonPropertyInfo?.DeclaringType);
            schema.Description = $"{schema.Description} RFC 3339{(isRequest ? "" : ", in UTC, with six fractional digits")}.".TrimStart();
        }
        else if (context.JsonTypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            schema.Required = context.JsonTypeInfo.Properties.Where(IsRequired).Select(member => member.Name).ToHashSet();
            if (RejectsUnknownMembers(type)) schema.AdditionalPropertiesAllowed = false;
        }

        if (attributes?.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: false) is [AllowedValuesAttribute allowed])
            schema.Enum = [.. allowed.Values.OfType<string>().Select(value => JsonValue.Create(value))];

        return Task.CompletedTask;
    }

    // In a request, null means absent. A response contains no null.
    private static bool IsNullable(JsonPropertyInfo property) => IsRequestBody(property.DeclaringType) && !IsRequired(property);

    private static bool IsRequired(JsonPropertyInfo property)
    {
        if (IsRequestBody(property.DeclaringType)) return property.AttributeProvider?.IsDefined(typeof(RequiredAttribute), inherit: false) == true;
        return property.AttributeProvider is PropertyInfo member
            && new NullabilityInfoContext().Create(member).ReadState == NullabilityState.NotNull;
    }

    private static bool IsRequestBody(Type type) =>
        type.IsAssignableTo(typeof(IRequestBody));

    private static bool RejectsUnknownMembers(Type type) =>
        IsRequestBody(type) && type.GetProperty(nameof(IRequestBody.RejectsUnknownMembers))?.GetValue(null) is true;
}
