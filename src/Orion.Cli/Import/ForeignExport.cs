using System.Text;
using System.Text.Json;

namespace Orion.Cli.Import;

/// <summary>Tells exports of other chat programs by the members of their first conversation.</summary>
internal static class ForeignExport
{
    /// <summary>Whose export this is; null where it is none that is known.</summary>
    /// <param name="beginning">What the file begins with; it may end anywhere.</param>
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

    // Of the first object, whether it is in an array or not.
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
            // No JSON, or no text: what was seen until then has to do.
        }

        return members;
    }
}
