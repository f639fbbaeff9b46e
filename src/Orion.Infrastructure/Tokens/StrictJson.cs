using System.Text.Json;
using System.Text.Unicode;

namespace Orion.Infrastructure.Tokens;

/// <summary>The checks that <see cref="Utf8JsonReader"/> leaves to its caller (RFC 8259).</summary>
internal static class StrictJson
{
    /// <summary>
    /// Whether the bytes are UTF-8, from an opening brace to a closing one. The reader checks the encoding of a string only when the
    /// string is read, and allows white space around the object.
    /// </summary>
    internal static bool MayBeObject(ReadOnlySpan<byte> json) => json is [(byte)'{', .., (byte)'}'] && Utf8.IsValid(json);

    /// <summary>
    /// Whether the reader threw an exception because of its input. It throws <see cref="InvalidOperationException"/> when it reads a
    /// name or a value with an escaped unpaired surrogate.
    /// </summary>
    internal static bool IsMalformed(Exception exception) => exception is JsonException or InvalidOperationException;
}
