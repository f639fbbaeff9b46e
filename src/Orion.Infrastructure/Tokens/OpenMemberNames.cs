using System.Text.Json;

namespace Orion.Infrastructure.Tokens;

/// <summary>
/// The unescaped names of the members read so far in the JSON objects that are still open. They suffice to find a duplicate at any
/// depth, without a set for each object.
/// </summary>
internal ref struct OpenMemberNames(Span<byte> text, Span<OpenMemberNames.Name> names)
{
    private readonly Span<byte> _text = text;
    private readonly Span<Name> _names = names;
    private int _count;

    /// <summary>The maximum number of names in a JSON text: a member has at least four characters, <c>"":0</c>.</summary>
    internal static int MaxNames(int jsonLength) => jsonLength / 4;

    /// <summary>Adds the reader's current name; false if its object already has it.</summary>
    /// <exception cref="InvalidOperationException">The name has an unpaired surrogate.</exception>
    internal bool TryAdd(in Utf8JsonReader reader, out ReadOnlySpan<byte> name)
    {
        var start = _count == 0 ? 0 : _names[_count - 1].End;
        var end = start + reader.CopyString(_text[start..]);
        name = _text[start..end];

        // The names of the current object are the last ones: Close has removed those of the objects inside it.
        for (var i = _count - 1; i >= 0 && _names[i].Depth == reader.CurrentDepth; i--)
        {
            if (name.SequenceEqual(_text[_names[i].Start.._names[i].End])) return false;
        }

        _names[_count++] = new Name(reader.CurrentDepth, start, end);
        return true;
    }

    /// <summary>Removes the names of the object that ends at the reader's position.</summary>
    internal void Close(in Utf8JsonReader reader)
    {
        while (_count > 0 && _names[_count - 1].Depth > reader.CurrentDepth) _count--;
    }

    /// <summary>The position of a name in the text, and the depth of its object.</summary>
    internal readonly record struct Name(int Depth, int Start, int End);
}
