using System.Text.Json;

namespace Orion.Infrastructure.Tokens;

/// <summary>
/// The names, unescaped, of the members seen so far in the JSON objects that are open: enough to find a duplicate at any depth,
/// without a set for each object.
/// </summary>
internal ref struct OpenMemberNames(Span<byte> text, Span<OpenMemberNames.Name> names)
{
    private readonly Span<byte> _text = text;
    private readonly Span<Name> _names = names;
    private int _count;

    /// <summary>A member takes four characters at least: <c>"":0</c>.</summary>
    internal static int MostNames(int jsonLength) => jsonLength / 4;

    /// <summary>Adds the name that the reader stands on; false where its object has it already.</summary>
    /// <exception cref="InvalidOperationException">The name has an unpaired surrogate: no text, so not to be compared.</exception>
    internal bool TryAdd(in Utf8JsonReader reader, out ReadOnlySpan<byte> name)
    {
        var start = _count == 0 ? 0 : _names[_count - 1].End;
        var end = start + reader.CopyString(_text[start..]);
        name = _text[start..end];

        // The names of one object stand together at the end: those of objects inside it went when these were closed.
        for (var i = _count - 1; i >= 0 && _names[i].Depth == reader.CurrentDepth; i--)
        {
            if (name.SequenceEqual(_text[_names[i].Start.._names[i].End])) return false;
        }

        _names[_count++] = new Name(reader.CurrentDepth, start, end);
        return true;
    }

    /// <summary>Forgets the names of the object whose end the reader stands on.</summary>
    internal void Close(in Utf8JsonReader reader)
    {
        while (_count > 0 && _names[_count - 1].Depth > reader.CurrentDepth) _count--;
    }

    /// <summary>Where a name stands in the text, and how deep its object lies.</summary>
    internal readonly record struct Name(int Depth, int Start, int End);
}
