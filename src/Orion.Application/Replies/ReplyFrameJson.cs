using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orion.Domain.Replies;

namespace Orion.Application.Replies;

/// <summary>
/// Frames as JSON of the AI SDK's UI message stream, each without a line break. Clients get this JSON, and the database stores it.
/// </summary>
public static class ReplyFrameJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a frame.</summary>
    public static string Write(ReplyFrame frame)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            switch (frame)
            {
                case ReplyFrame.Start start:
                    json.WriteString("type", "start");
                    json.WriteString("messageId", start.MessageId.Value);
                    json.WriteStartObject("messageMetadata");
                    json.WriteString("replyId", start.ReplyId.Value);
                    json.WriteString("model", start.Model);
                    json.WriteEndObject();
                    break;
                case ReplyFrame.PartStart part:
                    json.WriteString("type", TypeOf(part.Part, "-start"));
                    json.WriteString("id", IdOf(part.Part));
                    break;
                case ReplyFrame.PartDelta part:
                    json.WriteString("type", TypeOf(part.Part, "-delta"));
                    json.WriteString("id", IdOf(part.Part));
                    json.WriteString("delta", part.Text);
                    break;
                case ReplyFrame.PartEnd part:
                    json.WriteString("type", TypeOf(part.Part, "-end"));
                    json.WriteString("id", IdOf(part.Part));
                    break;
                case ReplyFrame.Finish finish:
                    json.WriteString("type", "finish");
                    json.WriteString("finishReason", finish.Reason.ToName());
                    break;
                case ReplyFrame.Error error:
                    json.WriteString("type", "error");
                    json.WriteString("errorText", error.Failure.ToText());
                    break;
                case ReplyFrame.Abort abort:
                    json.WriteString("type", "abort");
                    json.WriteString("reason", abort.Reason.ToName());
                    break;
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a part's frame; null for a frame that belongs to no part.</summary>
    public static ReplyFrame? ReadPart(string json)
    {
        using var document = JsonDocument.Parse(json);
        var type = document.RootElement.GetProperty("type").GetString()!;
        var isReasoning = type.StartsWith("reasoning-", StringComparison.Ordinal);
        if (!isReasoning && !type.StartsWith("text-", StringComparison.Ordinal)) return null;

        var part = new ReplyPart(int.Parse(document.RootElement.GetProperty("id").GetString()!, CultureInfo.InvariantCulture), isReasoning);
        return type[(type.IndexOf('-', StringComparison.Ordinal) + 1)..] switch
        {
            "start" => new ReplyFrame.PartStart(part),
            "end" => new ReplyFrame.PartEnd(part),
            _ => new ReplyFrame.PartDelta(part, document.RootElement.GetProperty("delta").GetString()!),
        };
    }

    /// <summary>Whether a frame is the last one of its reply. Only the first one and the last one belong to no part.</summary>
    public static bool IsLast(StoredFrame frame) => frame.Number > 1 && ReadPart(frame.Json) is null;

    private static string TypeOf(ReplyPart part, string suffix) => (part.IsReasoning ? "reasoning" : "text") + suffix;

    private static string IdOf(ReplyPart part) => part.Number.ToString(CultureInfo.InvariantCulture);
}
