using System.Text;
using System.Text.Json;
using Orion.Domain.Text;

namespace Orion.Domain.Sessions;

/// <summary>
/// The client's own data of a session or a message: a JSON object of at most 16 KiB. It is stored as the text that was received, because
/// serializing it again could reorder members and change numbers. It contains no NUL, and no unpaired surrogates, escaped or not.
/// </summary>
public sealed record Metadata
{
    /// <summary>The longest object, in bytes of UTF-8 as received.</summary>
    public const int MaxBytes = 16 * 1024;

    private Metadata(string json) => Json = json;

    /// <summary>No metadata.</summary>
    public static Metadata Empty { get; } = new("{}");

    /// <summary>The JSON text.</summary>
    public string Json { get; }

    /// <summary>Parses a JSON text.</summary>
    public static Result<Metadata> Parse(string json)
    {
        if (!TextRules.IsStorable(json)) return SessionErrors.NotStorable;
        if (IsTooLong(json)) return TooLong;
        return IsObject(json) ? FromObject(json) : NotAnObject;
    }

    /// <summary>Validates a parsed JSON value.</summary>
    public static Result<Metadata> Parse(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) return NotAnObject;
        var text = json.GetRawText();
        return IsTooLong(text) ? TooLong : FromObject(text);
    }

    /// <summary>Restores a stored text without validation.</summary>
    public static Metadata From(string stored) => stored == Empty.Json ? Empty : new Metadata(stored);

    /// <inheritdoc/>
    public override string ToString() => Json;

    private static Error NotAnObject { get; } = SessionErrors.Invalid("The metadata must be a JSON object.");

    private static Error TooLong { get; } = SessionErrors.Invalid($"The metadata must have at most {MaxBytes} bytes.");

    private static bool IsTooLong(string json) => Encoding.UTF8.GetByteCount(json) > MaxBytes;

    private static bool IsObject(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Result<Metadata> FromObject(string json) =>
        TextRules.IndexOfUnpairedEscape<char>(json) < 0 ? new Metadata(json) : SessionErrors.NotStorable;
}
