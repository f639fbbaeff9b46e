namespace Orion.Api.Http;

/// <summary>The property contains the text of a JSON object; in the request body it is an object.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class JsonObjectAttribute : Attribute;
