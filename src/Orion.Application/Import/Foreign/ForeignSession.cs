using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Application.Import.Foreign;

/// <summary>A conversation of another program as a session. Each import of the same conversation gives the same ids.</summary>
/// <param name="Session">The session.</param>
/// <param name="Messages">Its messages; at least one.</param>
internal sealed record ForeignSession(ImportedSession Session, IReadOnlyList<ImportedMessage> Messages)
{
    // A longer id is left out of the metadata.
    private const int MaxIdLength = 255;

    /// <summary>Converts a conversation; null if it has nothing to import.</summary>
    /// <param name="source">The conversation.</param>
    /// <param name="losses">Counts what is changed or left out.</param>
    /// <param name="now">The time of a conversation without one.</param>
    internal static ForeignSession? From(ForeignConversation source, ForeignLosses losses, DateTimeOffset now)
    {
        var texts = source.Messages.Where(message => !IsEmpty(message, losses)).ToList();
        if (texts.Count == 0) return null;

        // Without an id, the first message identifies the conversation.
        var key = $"{source.Program}\0{(string.IsNullOrEmpty(source.Id) ? $"\0{texts[0].Id}\0{texts[0].Text}" : source.Id)}";
        var firstTime = texts.FirstOrDefault(message => message.At is not null)?.At;
        var createdAt = source.CreatedAt ?? firstTime ?? source.UpdatedAt;
        if (createdAt is null) losses.Warn(ImportWarning.NoTime);
        var created = (createdAt ?? now).TruncateToMicroseconds();
        var updated = (source.UpdatedAt ?? created).TruncateToMicroseconds();
        if (updated < created) updated = created;
        return new ForeignSession(
            new ImportedSession(
                SessionId.From(IdOf(key)), ReadTitle(source.Title, losses), MetadataOf(source), 0, created, updated, source.IsArchived ? updated : null, 1),
            [.. ReadMessages(texts, key, created, losses)]);
    }

    private static bool IsEmpty(ForeignMessage message, ForeignLosses losses)
    {
        if (!TextRules.IsBlank(message.Text)) return false;
        losses.Skip(ImportWarning.Empty);
        return true;
    }

    private static IEnumerable<ImportedMessage> ReadMessages(List<ForeignMessage> texts, string key, DateTimeOffset at, ForeignLosses losses)
    {
        foreach (var message in texts)
        {
            // A message without a time gets that of the previous one.
            at = message.At?.TruncateToMicroseconds() ?? at;
            var part = 0;
            foreach (var text in Split(Storable(message.Text, losses)))
            {
                if (part == 1) losses.Warn(ImportWarning.TextSplit);
                var id = MessageId.From(IdOf($"{key}\0{message.Id}\0{part++}"));
                yield return new ImportedMessage(id, message.Role, MessageContent.Parse(text).Value, Metadata.Empty, at);
            }
        }
    }

    private static IEnumerable<string> Split(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            // A code point has at most two characters.
            var rest = text.Substring(start, Math.Min(text.Length - start, 2 * MessageContent.MaxLength));
            var part = TextRules.Truncate(rest, MessageContent.MaxLength);
            var isLast = start + part.Length == text.Length;
            // At the end of a line, if it is not too far away.
            if (!isLast && part.LastIndexOf('\n') + 1 is var line && line > part.Length / 2) part = part[..line];
            yield return part;
            start += part.Length;
        }
    }

    private static SessionTitle? ReadTitle(string? text, ForeignLosses losses)
    {
        if (text is null || TextRules.IsBlank(text)) return null;
        text = Storable(text, losses);
        if (SessionTitle.Parse(text) is { Error: null } title) return title.Value;
        losses.Warn(ImportWarning.TitleCut);
        return SessionTitle.Shorten(text);
    }

    private static Metadata MetadataOf(ForeignConversation source) => source.Id is { Length: > 0 and <= MaxIdLength } id
        ? Metadata.Parse(JsonSerializer.Serialize(
            new { importedFrom = new { program = source.Program, id = TextRules.ReplaceUnstorable(id) } }, JsonSerializerOptions.Web)).Value
        : Metadata.Empty;

    private static string Storable(string text, ForeignLosses losses)
    {
        if (TextRules.IsStorable(text)) return text;
        losses.Warn(ImportWarning.CharactersReplaced);
        return TextRules.ReplaceUnstorable(text);
    }

    // UUIDv8 (RFC 9562, section 5.8) from a hash. It has no time, because other programs may have none.
    private static Guid IdOf(string key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"orion import\0{key}"), digest);
        var bytes = digest[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
