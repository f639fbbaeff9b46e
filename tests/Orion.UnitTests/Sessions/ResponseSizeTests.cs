using System.Globalization;
using System.Text;
using CsCheck;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.UnitTests.Sessions;

public sealed class ResponseSizeTests
{
    // An open session does not have: ,"archivedAt":"2026-03-14T15:09:26.535897Z"
    private const int ArchivedAt = 43;
    private const int Comma = 1;

    private static readonly string[] Escaped =
        ["\"", "\\", "\b", "\t", "\n", "\f", "\r", "\u0001", "\u001f", "/", "<", "&", "'", "\u007f", "\u2028"];

    private static readonly Gen<string> Texts = Gen.Select(
        GraphemeClusters.Texts, Gen.Int[0, Escaped.Length - 1].Array[0, 20],
        (text, escaped) => "x" + string.Concat(escaped.Select(i => Escaped[i])) + text);

    private static readonly Gen<Metadata> Metadatas = Texts.Select(text => Given.Metadata($"{{ \"t\" : {Json(text)} }}"));

    [Fact]
    public void A_message_is_counted_exactly_with_the_comma_behind_it() =>
        Gen.Select(Texts, Metadatas, Gen.Int[0, 1], Gen.Int[0, 12]).Sample(
            (text, metadata, role, before) =>
            {
                var session = Given.NewSession();
                for (var i = 0; i < before; i++) session.Append("x");
                var message = session.Append((MessageRole)role, Given.Content(text), metadata, Given.Now).Value;

                Assert.Equal(Encoding.UTF8.GetByteCount(Written(message)) + Comma, ResponseSize.Of(message));
            },
            iter: 500);

    [Fact]
    public void A_session_is_counted_exactly_and_always_as_if_it_were_archived() =>
        Gen.Select(Texts, Texts, Metadatas, Gen.Int[0, 12], Gen.Bool).Sample(
            (title, content, metadata, messages, isArchived) =>
            {
                var called = Given.Title(TextRules.Truncate(title, SessionTitle.MaxLength));
                var session = Session.Start(Given.Owner, called, metadata, Given.Now);
                for (var i = 0; i < messages; i++) session.Stored().Append(content);
                if (isArchived) session.Stored().Archive(Given.Now);

                var written = Encoding.UTF8.GetByteCount(Written(session, Callers.Ada));
                Assert.Equal(written + Comma + (isArchived ? 0 : ArchivedAt), ResponseSize.Of(session, Callers.Ada));
                Assert.InRange(ResponseSize.Of(session, Callers.Ada) - written, 0, 60);
            },
            iter: 500);

    [Fact]
    public void A_session_of_an_empty_New_Chat_is_counted_too()
    {
        var session = Given.NewSession();

        Assert.Equal(
            Encoding.UTF8.GetByteCount(Written(session, Callers.Ada)) + Comma + ArchivedAt, ResponseSize.Of(session, Callers.Ada));
    }

    [Fact]
    public void The_largest_message_fits_into_a_response()
    {
        var metadata = Given.Metadata("{}" + " ".Times(Metadata.MaxBytes - 2));
        var message = Given.NewSession().Append(
            MessageRole.Assistant, Given.Content("\u0001".Times(MessageContent.MaxLength)), metadata, Given.Now).Value;

        Assert.InRange(ResponseSize.Of(message), 600_000, ResponseSize.MaxItemBytes);
    }

    [Fact]
    public void The_rest_of_a_response_fits_into_its_reserved_size()
    {
        var frame = $"{{\"sessions\":[],\"count\":1000,\"nextCursor\":\"{new string('A', ListCursor.MaxLength)}\",\"truncated\":true}}";

        Assert.InRange(frame.Length, 0, ResponseSize.MaxBytes - ResponseSize.MaxItemBytes);
        Assert.Equal(4 * 1024 * 1024, ResponseSize.MaxBytes);
    }

    private static string Written(Session session, Caller owner)
    {
        var archived = session.ArchivedAt is { } at ? $",\"archivedAt\":\"{Instant(at)}\"" : "";
        return $"{{\"sessionId\":\"{session.Id}\",\"userId\":{Json(owner.Email.Value)},"
            + $"\"title\":{Json(session.DisplayTitle.Value)},"
            + $"\"firstMessage\":{Json(session.FirstMessage)},\"lastMessage\":{Json(session.LastMessage)},"
            + $"\"messageCount\":{session.MessageCount},\"createdAt\":\"{Instant(session.CreatedAt)}\","
            + $"\"updatedAt\":\"{Instant(session.UpdatedAt)}\"{archived},"
            + $"\"version\":{session.Version},\"metadata\":{session.Metadata.Json}}}";
    }

    private static string Written(Message message) =>
        $"{{\"id\":\"{message.Id}\",\"sessionId\":\"{message.SessionId}\",\"sequence\":{message.Sequence},"
        + $"\"role\":\"{message.Role.ToName()}\",\"content\":{Json(message.Content.Value)},"
        + $"\"timestamp\":\"{Instant(message.CreatedAt)}\",\"metadata\":{message.Metadata.Json}}}";

    private static string Instant(DateTimeOffset instant) =>
        instant.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    // RFC 8259, section 7: only what JSON requires to be escaped.
    private static string Json(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var unit in text)
        {
            json.Append(unit switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                < ' ' => $"\\u{(int)unit:x4}",
                _ => unit.ToString(),
            });
        }

        return json.Append('"').ToString();
    }
}
