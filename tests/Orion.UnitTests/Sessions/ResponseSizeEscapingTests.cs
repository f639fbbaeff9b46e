using System.Text.Json;
using Orion.Application.Messaging;
using Orion.Application.Sessions;

namespace Orion.UnitTests.Sessions;

public sealed class ResponseSizeEscapingTests
{
    [Fact]
    public void What_JSON_escapes_in_the_owners_address_is_counted()
    {
        var plain = new Caller(Given.Owner, Given.Address(new string('a', 100) + "@example.com"));
        var quoted = new Caller(Given.Owner, Given.Address(new string('"', 50) + new string('\\', 50) + "@example.com"));
        var session = Given.NewSession();

        var more = JsonEncodedText.Encode(quoted.Email.Value, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)
            .EncodedUtf8Bytes.Length - plain.Email.Value.Length;

        Assert.Equal(100, more);
        Assert.Equal(SessionView.SizeOf(session, plain) + more, SessionView.SizeOf(session, quoted));
    }
}
