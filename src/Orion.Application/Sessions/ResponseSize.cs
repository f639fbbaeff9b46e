using System.Text;
using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>How many bytes sessions and messages take in an answer, so that a page can end before it is too large.</summary>
public static class ResponseSize
{
    /// <summary>The largest answer, in bytes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>What the items of a page may take together: the rest is for the members around them, a cursor included.</summary>
    public const int MaxItemBytes = MaxBytes - 512;

    private const int UuidLength = 36;
    private const int InstantLength = 27;

    private const string SessionFrame =
        """{"sessionId":"","userId":"","title":"","firstMessage":"","lastMessage":"","messageCount":,"createdAt":"","updatedAt":"","archivedAt":"","version":,"metadata":},""";

    private const string MessageFrame =
        """{"id":"","sessionId":"","sequence":,"role":"","content":"","timestamp":"","metadata":},""";

    /// <summary>The size of a session; that of an archived one, archived or not.</summary>
    public static int Of(Session session, Caller owner) =>
        SessionFrame.Length + UuidLength + JsonText(owner.Email.Value) + (3 * InstantLength)
        + Digits(session.MessageCount) + Digits(session.Version)
        + JsonText(session.DisplayTitle.Value) + JsonText(session.FirstMessage) + JsonText(session.LastMessage)
        + Encoding.UTF8.GetByteCount(session.Metadata.Json);

    /// <summary>The size of a message.</summary>
    public static int Of(Message message) =>
        MessageFrame.Length + (2 * UuidLength) + InstantLength
        + Digits(message.Sequence) + message.Role.ToWord().Length
        + JsonText(message.Content.Value)
        + Encoding.UTF8.GetByteCount(message.Metadata.Json);

    // RFC 8259, section 7: what must be escaped, as "\n" or as "\u0001".
    private static int JsonText(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        foreach (var unit in text)
        {
            if (unit is '"' or '\\' or '\b' or '\t' or '\n' or '\f' or '\r') bytes += 1;
            else if (unit < ' ') bytes += 5;
        }

        return bytes;
    }

    private static int Digits(long number)
    {
        var digits = 1;
        while ((number /= 10) != 0) digits++;
        return digits;
    }
}
