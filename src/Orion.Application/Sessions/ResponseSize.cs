using System.Buffers;
using System.Text;
using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>The sizes of sessions and messages in a response, so that a page can end before it is too large.</summary>
public static class ResponseSize
{
    /// <summary>The largest response, in bytes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The largest total size of the items of a page, in bytes. The rest is for the other members, such as the cursor.</summary>
    public const int MaxItemBytes = MaxBytes - 512;

    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(c => (char)c), '"', '\\']);

    private const int UuidLength = 36;
    private const int InstantLength = 27;

    private const string SessionFrame =
        """{"sessionId":"","userId":"","title":"","firstMessage":"","lastMessage":"","messageCount":,"createdAt":"","updatedAt":"","archivedAt":"","version":,"metadata":},""";

    private const string MessageFrame =
        """{"id":"","sessionId":"","sequence":,"role":"","content":"","timestamp":"","metadata":},""";

    /// <summary>The size of a session, with an <c>archivedAt</c> even if it is not archived.</summary>
    public static int Of(Session session, Caller owner) =>
        SessionFrame.Length + UuidLength + JsonText(owner.Email.Value) + (3 * InstantLength)
        + Digits(session.MessageCount) + Digits(session.Version)
        + JsonText(session.DisplayTitle.Value) + JsonText(session.FirstMessage) + JsonText(session.LastMessage)
        + Encoding.UTF8.GetByteCount(session.Metadata.Json);

    /// <summary>The size of a message.</summary>
    public static int Of(Message message) =>
        MessageFrame.Length + (2 * UuidLength) + InstantLength
        + Digits(message.Sequence) + message.Role.ToName().Length
        + JsonText(message.Content.Value)
        + Encoding.UTF8.GetByteCount(message.Metadata.Json);

    // The escapes of RFC 8259, section 7: two characters such as \n, or six such as \u0001.
    private static int JsonText(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        var rest = text.AsSpan();
        for (var next = rest.IndexOfAny(Escaped); next >= 0; next = rest.IndexOfAny(Escaped))
        {
            bytes += rest[next] is '"' or '\\' or '\b' or '\t' or '\n' or '\f' or '\r' ? 1 : 5;
            rest = rest[(next + 1)..];
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
