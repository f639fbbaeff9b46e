using System.Text;
using System.Text.Json;

namespace Orion.Application.Import.Foreign;

/// <summary>Recognizes exports of other chat programs by the members of their first conversation.</summary>
internal static class ForeignExport
{
    /// <summary>The program that wrote the export; null if it is not recognized.</summary>
    /// <param name="beginning">The beginning of the file; it may be cut off anywhere.</param>
    internal static string? Recognize(string beginning)
    {
        var members = MembersOfFirst(beginning);
        return members switch
        {
            _ when Has("mapping") => "ChatGPT",
            _ when Has("chat", "id") => "Open WebUI",
            _ when Has("conversationId") => "LibreChat",
            _ when Has("chat_messages", "uuid") => "Claude",
            _ => null,
        };

        bool Has(params string[] names) => members.IsSupersetOf(names);
    }

    // The first object may be the first item of an array.
    private static HashSet<string> MembersOfFirst(string beginning)
    {
        var members = new HashSet<string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(beginning.TrimStart('\uFEFF')), isFinalBlock: false, default);
        try
        {
            var depth = 0;
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.StartObject && depth == 0) depth = reader.CurrentDepth + 1;
                if (reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth < depth) break;
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth) members.Add(reader.GetString()!);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Malformed JSON: the members before it decide.
        }

        return members;
    }
}
