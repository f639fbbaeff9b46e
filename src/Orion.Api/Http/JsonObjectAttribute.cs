
namespace Orion.Api.Http;

/// <summary>A text that holds a JSON object, which stands in the body as an object.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class JsonObjectAttribute : Attribute;
