using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Orion.Api.OpenApi;

/// <summary>Keeps each type's schema once, among the document's components, and refers to it.</summary>
internal static class SchemaComponents
{
    private static readonly string[] Suffixes = ["View", "Request", "Response", "Body"];

    /// <summary>A reference to the schema of a type, which is added where it is not there yet.</summary>
    internal static async Task<IOpenApiSchema> Reference(
        Type type, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var document = context.Document!;
        var name = Name(type);
        if (document.Components?.Schemas?.ContainsKey(name) != true)
        {
            var schema = await context.GetOrCreateSchemaAsync(type, null, cancellationToken);
            foreach (var (member, element) in Lists(type))
            {
                if (schema.Properties?[member] is OpenApiSchema list) list.Items = await Reference(element, context, cancellationToken);
            }

            document.AddComponent(name, schema);
        }

        return new OpenApiSchemaReference(name, document);
    }

    private static string Name(Type type)
    {
        var suffix = Suffixes.FirstOrDefault(suffix => type.Name.EndsWith(suffix, StringComparison.Ordinal)) ?? "";
        return type.Name[..^suffix.Length];
    }

    private static IEnumerable<(string Member, Type Element)> Lists(Type type) =>
        from property in type.GetProperties()
        where property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
        select (System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(property.Name), property.PropertyType.GetGenericArguments()[0]);
}
