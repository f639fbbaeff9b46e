using System.Text.Json;

namespace Orion.Infrastructure.Models;

/// <summary>What Orion records of a provider's error object. Its <c>message</c> may repeat the conversation, and is never read.</summary>
internal static class ProviderError
{
    private const int MaxLength = 64;

    /// <summary><c>type</c> and <c>code</c> of an error object as text, with a leading space; empty if there are none.</summary>
    /// <param name="error">The value of <c>error</c>.</param>
    public static string Describe(JsonElement error)
    {
        if (error.ValueKind != JsonValueKind.Object) return "";
        var parts = ((string[])["type", "code"])
            .Select(name => (Name: name, Value: error.TryGetProperty(name, out var value) ? Printable(value) : ""))
            .Where(part => part.Value.Length > 0)
            .Select(part => $"{part.Name} {part.Value}")
            .ToList();
        return parts.Count == 0 ? "" : $" ({string.Join(", ", parts)})";
    }

    /// <summary>The same of a response's body, <c>{"error": {…}}</c>; empty for any other body.</summary>
    public static string Describe(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var error)
                ? Describe(error)
                : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private static string Printable(JsonElement value)
    {
        // The raw text, because GetString throws for an unpaired surrogate.
        var text = value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.GetRawText().Trim('"') : "";
        return string.Concat(text.Where(c => c is >= ' ' and <= '~').Take(MaxLength));
    }
}
