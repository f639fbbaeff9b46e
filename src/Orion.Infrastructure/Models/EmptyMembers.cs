namespace Orion.Infrastructure.Models;

/// <summary>
/// Makes a JSON parser ignore an empty <c>role</c> and <c>finish_reason</c>. Some providers write <c>""</c> instead of null, and the
/// library rejects it.
/// </summary>
internal static class EmptyMembers
{
    private static readonly byte[][] Names = [[.. "\"role\""u8], [.. "\"finish_reason\""u8]];

    /// <summary>Renames them. Inside a text, the quotation marks of such a name are escaped, so it is not found there.</summary>
    public static void Rename(Span<byte> json)
    {
        foreach (var name in Names)
        {
            for (var rest = json; rest.IndexOf(name) is >= 0 and var at;)
            {
                var member = rest[at..];
                rest = member[name.Length..];
                var value = rest.TrimStart(": "u8);
                if (value.StartsWith("\"\""u8)) member[1] = (byte)'_';
            }
        }
    }
}
