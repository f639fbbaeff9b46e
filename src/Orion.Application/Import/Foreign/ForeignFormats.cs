using System.Text;
using System.Text.Json;

namespace Orion.Application.Import.Foreign;

/// <summary>The formats of other programs. The members of a conversation tell which one it is.</summary>
internal static class ForeignFormats
{
    /// <summary>A program whose export is recognized, but not read.</summary>
    internal const string Claude = "Claude";

    /// <summary>What can be imported, for error messages.</summary>
    internal const string Readable =
        $"orion import reads the exports of Orion, {ChatGptFormat.Program}, {OpenWebUiFormat.Program} and {LibreChatFormat.Program}.";

    /// <summary>The program that wrote an export; null if it is not recognized.</summary>
    /// <param name="beginning">The beginning of the file. It may be cut off anywhere.</param>
    internal static string? Recognize(ReadOnlySpan<byte> beginning) => ProgramOf(MembersOfFirst(beginning));

    /// <summary>Whether a file is an empty list.</summary>
    internal static bool IsEmptyList(ReadOnlySpan<byte> file)
    {
        var reader = new Utf8JsonReader(WithoutMark(file));
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartArray
                && reader.Read() && reader.TokenType == JsonTokenType.EndArray && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Reads a conversation; null if its format is not known.</summary>
    internal static ForeignConversation? Read(JsonElement item, ForeignLosses losses)
    {
        if (item.ValueKind != JsonValueKind.Object) return null;
        return ProgramOf([.. item.EnumerateObject().Select(member => member.Name)]) switch
        {
            ChatGptFormat.Program => ChatGptFormat.Read(item, losses),
            OpenWebUiFormat.Program => OpenWebUiFormat.Read(item, losses),
            LibreChatFormat.Program => LibreChatFormat.Read(item, losses),
            _ => null,
        };
    }

    private static string? ProgramOf(HashSet<string> members)
    {
        return members switch
        {
            _ when Has("mapping") => ChatGptFormat.Program,
            _ when Has("chat") || Has("history") => OpenWebUiFormat.Program,
            _ when Has("conversationId") => LibreChatFormat.Program,
            _ when Has("chat_messages") => Claude,
            _ => null,
        };

        bool Has(string name) => members.Contains(name);
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text) =>
        text.StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text;

    // The first object may be the first item of an array.
    private static HashSet<string> MembersOfFirst(ReadOnlySpan<byte> beginning)
    {
        var members = new HashSet<string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(WithoutMark(beginning), isFinalBlock: false, default);
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
