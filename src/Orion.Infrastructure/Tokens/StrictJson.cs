using System.Text.Json;
using System.Text.Unicode;

namespace Orion.Infrastructure.Tokens;

/// <summary>What <see cref="Utf8JsonReader"/> leaves to its caller when JSON is to be read strictly (RFC 8259).</summary>
internal static class StrictJson
{
    /// <summary>
    /// Whether the bytes are UTF-8 from one brace to another. The reader by itself checks the encoding of a string only when it is
    /// asked for, and lets white space stand around the object.
    /// </summary>
    internal static bool MayBeObject(ReadOnlySpan<byte> json) => json is [(byte)'{', .., (byte)'}'] && Utf8.IsValid(json);

    /// <summary>
    /// Whether an exception of the reader speaks of its input: <see cref="InvalidOperationException"/> is what it throws for an
    /// escaped surrogate without its partner, when a name or a value is asked for.
    /// </summary>
    internal static bool IsMalformed(Exception exception) => exception is JsonException or InvalidOperationException;
}
