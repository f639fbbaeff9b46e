using System.Reflection;
using System.Text;
using System.Text.Json;
using CsCheck;
using Orion.Api.Http;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.UnitTests.Sessions;

public sealed class ResponseSizeTests
{
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

                Assert.Equal(Written(message).Length + Comma, MessageView.SizeOf(message));
            },
            iter: 500);

    [Fact]
    public void A_session_is_counted_exactly_and_always_as_if_every_member_were_present() =>
        Gen.Select(Texts, Texts, Metadatas, Gen.Int[0, 12], Gen.Bool).Sample(
            (title, content, metadata, messages, isArchived) =>
            {
                var called = Given.Title(TextRules.Truncate(title, SessionTitle.MaxLength));
                var session = Session.Start(Given.Owner, called, metadata, Given.Now);
                for (var i = 0; i < messages; i++) session.Stored().Append(content);
                if (isArchived) session.Stored().Archive(Given.Now);

                var view = SessionView.From(session, Callers.Ada);
                ShouldBeCountedExactly(session, view);
                Assert.InRange(Written(view).Length, 0, SessionView.SizeOf(session, Callers.Ada));
            },
            iter: 500);

    [Fact]
    public void A_session_of_an_empty_New_Chat_is_counted_too()
    {
        var session = Given.NewSession();

        ShouldBeCountedExactly(session, SessionView.From(session, Callers.Ada));
    }

    [Fact]
    public void The_largest_message_fits_into_a_response()
    {
        var metadata = Given.Metadata("{}" + " ".Times(Metadata.MaxBytes - 2));
        var message = Given.NewSession().Append(
            MessageRole.Assistant, Given.Content("\u0001".Times(MessageContent.MaxLength)), metadata, Given.Now).Value;

        Assert.InRange(MessageView.SizeOf(message), 600_000, ResponseSize.MaxItemBytes);
    }

    [Fact]
    public void The_rest_of_a_response_fits_into_its_reserved_size()
    {
        var frame = $"{{\"sessions\":[],\"count\":1000,\"nextCursor\":\"{new string('A', ListCursor.MaxLength)}\",\"truncated\":true}}";

        Assert.InRange(frame.Length, 0, ResponseSize.MaxBytes - ResponseSize.MaxItemBytes);
        Assert.Equal(4 * 1024 * 1024, ResponseSize.MaxBytes);
    }

    private static void ShouldBeCountedExactly(Session session, SessionView view)
    {
        var complete = Written(Complete(view));
        var (written, counted) = (complete.Length + Comma, SessionView.SizeOf(session, Callers.Ada));
        Assert.True(
            written == counted,
            $"SessionView.SizeOf counts {counted} bytes instead of {written}. Does it count the name and the value of every member? {Encoding.UTF8.GetString(complete)}");
    }

    // What is sent.
    private static byte[] Written(SessionView session) => JsonSerializer.SerializeToUtf8Bytes(session, OrionJson.Responses.SessionView);

    private static byte[] Written(Message message) => JsonSerializer.SerializeToUtf8Bytes(MessageView.From(message), OrionJson.Responses.MessageView);

    // With a value for each member that can be absent.
    private static SessionView Complete(SessionView view)
    {
        object? At(PropertyInfo member) => member.GetValue(view) ?? (Nullable.GetUnderlyingType(member.PropertyType) == typeof(DateTimeOffset)
            ? Given.Now
            : throw new NotSupportedException($"Add a longest value for {member.Name}."));
        var constructor = typeof(SessionView).GetConstructors().Single(candidate => candidate.GetParameters().Length > 1);
        return (SessionView)constructor.Invoke([.. constructor.GetParameters().Select(parameter => At(typeof(SessionView).GetProperty(parameter.Name!)!))]);
    }

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
