using System.Security.Cryptography;
using System.Text;
using Orion.Infrastructure.Tokens;
using static Orion.UnitTests.Fixtures.TestTokens;

namespace Orion.UnitTests.Tokens;

/// <summary>Each error that section 2 of the contract names, in a token that is otherwise valid.</summary>
public sealed class TokenRejectionTests
{
    internal static readonly Dictionary<string, (TokenRejection Reason, string Token)> Cases = new()
    {
        // The three parts
        ["an empty token"] = (TokenRejection.Malformed, ""),
        ["one part"] = (TokenRejection.Malformed, Encode(UserHeader)),
        ["two parts"] = (TokenRejection.Malformed, $"{Encode(UserHeader)}.{Encode(Claims())}"),
        ["four parts"] = (TokenRejection.Malformed, User() + ".AAAA"),
        ["five parts, as an encrypted token has"] = (TokenRejection.Malformed, User() + ".AAAA.AAAA"),
        ["a dot at the end"] = (TokenRejection.Malformed, User() + "."),
        ["a dot at the beginning"] = (TokenRejection.Malformed, "." + User()),
        ["two dots alone"] = (TokenRejection.Malformed, ".."),
        ["an empty header part"] = (TokenRejection.Malformed, SignParts("", Encode(Claims()), UserKey)),
        ["an empty claims part"] = (TokenRejection.Malformed, SignParts(Encode(UserHeader), "", UserKey)),
        ["an empty signature"] = (TokenRejection.Malformed, $"{Encode(UserHeader)}.{Encode(Claims())}."),
        ["more than 4,096 characters"] = (TokenRejection.TooLong, OfLength(4097)),
        ["a blank before it"] = (TokenRejection.Malformed, " " + User()),
        ["a line feed behind it"] = (TokenRejection.Malformed, User() + "\n"),
        ["white space in the claims part"] = (TokenRejection.Malformed, SignParts(Encode(UserHeader), Encode(Claims()).Insert(8, "\n"), UserKey)),
        ["padding behind the header"] = (TokenRejection.Malformed, SignParts(Padded("""{"alg":"HS256" }"""), Encode(Claims()), UserKey)),
        ["padding behind the claims"] = (TokenRejection.Malformed, SignParts(Encode(UserHeader), Padded(ClaimsWithRemainder(1)), UserKey)),
        ["padding behind the signature"] = (TokenRejection.Malformed, User() + "="),
        ["percent signs for padding"] = (TokenRejection.Malformed, User() + "%"),
        ["percent-encoded padding"] = (TokenRejection.Malformed, User() + "%3D"),
        ["plus and slash instead of minus and underscore"] = (TokenRejection.Malformed, SignParts(Encode(UserHeader), StandardAlphabet(), UserKey)),
        ["bits behind the end of the header"] = (TokenRejection.Malformed, SignParts(WithTrailingBit(Encode("""{"alg":"HS256" }""")), Encode(Claims()), UserKey)),
        ["bits behind the end of claims that end with one byte"] = (TokenRejection.Malformed, SignParts(Encode(UserHeader), WithTrailingBit(Encode(ClaimsWithRemainder(1))), UserKey)),
        ["bits behind the end of claims that end with two bytes"] = (TokenRejection.Malformed, SignParts(Encode(UserHeader), WithTrailingBit(Encode(ClaimsWithRemainder(2))), UserKey)),
        ["bits behind the end of the signature"] = (TokenRejection.Malformed, WithTrailingBit(User())),
        ["a part of an impossible length"] = (TokenRejection.Malformed, SignParts(Encode(UserHeader), Encode(ClaimsWithRemainder(0)) + "A", UserKey)),
        ["a letter outside ASCII"] = (TokenRejection.Malformed, User().Replace('e', 'е')),
        ["a NUL in it"] = (TokenRejection.Malformed, User() + "\0"),
        ["the JSON serialization of a JWS"] = (TokenRejection.Malformed, $$"""{"protected":"{{Encode(UserHeader)}}","payload":"{{Encode(Claims())}}"}"""),

        // The header
        ["alg none with a signature"] = (TokenRejection.Header, WithHeader("""{"alg":"none","typ":"JWT"}""")),
        ["alg none without a signature"] = (TokenRejection.Malformed, $"{Encode("""{"alg":"none","typ":"JWT"}""")}.{Encode(Claims())}."),
        ["alg HS512, signed so"] = (TokenRejection.Header, SignHs512()),
        ["alg HS384"] = (TokenRejection.Header, WithHeader("""{"alg":"HS384","typ":"JWT"}""")),
        ["alg RS256"] = (TokenRejection.Header, WithHeader("""{"alg":"RS256","typ":"JWT"}""")),
        ["alg in small letters"] = (TokenRejection.Header, WithHeader("""{"alg":"hs256","typ":"JWT"}""")),
        ["alg by its XML name"] = (TokenRejection.Header, WithHeader("""{"alg":"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256","typ":"JWT"}""")),
        ["alg that is no string"] = (TokenRejection.Header, WithHeader("""{"alg":["HS256"],"typ":"JWT"}""")),
        ["alg null"] = (TokenRejection.Header, WithHeader("""{"alg":null,"typ":"JWT"}""")),
        ["no alg"] = (TokenRejection.Header, WithHeader("""{"typ":"JWT"}""")),
        ["an empty header"] = (TokenRejection.Header, WithHeader("{}")),
        ["alg with a blank in its name"] = (TokenRejection.Header, WithHeader("""{"alg ":"HS256","typ":"JWT"}""")),
        ["ALG in capitals"] = (TokenRejection.Header, WithHeader("""{"ALG":"HS256","typ":"JWT"}""")),
        ["typ in small letters"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":"jwt"}""")),
        ["typ null"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":null}""")),
        ["typ empty"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":""}""")),
        ["typ as a media type"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":"application/jwt"}""")),
        ["typ of an access token"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":"at+jwt"}""")),
        ["typ that is no string"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":1}""")),
        ["an unknown critical header"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":"JWT","crit":["exp"],"exp":1}""")),
        ["an empty crit"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":"JWT","crit":[]}""")),
        ["kid"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":"JWT","kid":"1"}""")),
        ["kid first"] = (TokenRejection.Header, WithHeader("""{"kid":"1","alg":"HS256","typ":"JWT"}""")),
        ["jwk"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}""")),
        ["b64 false"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","b64":false}""")),
        ["cty"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","cty":"JWT"}""")),
        ["alg twice"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","alg":"HS256"}""")),
        ["alg twice, once escaped"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","\u0061lg":"HS256"}""")),
        ["typ twice"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":"JWT","typ":"JWT"}""")),
        ["typ of both kinds"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":"JWT","typ":"orion-session+jwt"}""")),
        ["a header that is an array"] = (TokenRejection.Header, WithHeader("""["alg","HS256"]""")),
        ["a header that is null"] = (TokenRejection.Header, WithHeader("null")),
        ["a header that is no JSON"] = (TokenRejection.Header, WithHeader("{alg:HS256}")),
        ["a header cut short"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":"JWT" """)),
        ["a byte-order mark before the header"] = (TokenRejection.Header, WithHeader("\uFEFF" + UserHeader)),
        ["a line feed behind the header"] = (TokenRejection.Header, WithHeader(UserHeader + "\n")),
        ["a blank before the header"] = (TokenRejection.Header, WithHeader(" " + UserHeader)),
        ["another object behind the header"] = (TokenRejection.Header, WithHeader(UserHeader + "{}")),
        ["a comment in the header"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256"/**/}""")),
        ["a comma too many in the header"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256",}""")),
        ["an unpaired surrogate in the header"] = (TokenRejection.Header, WithHeader("""{"alg":"HS256","typ":"\ud800"}""")),
        ["an unpaired surrogate in a header's name"] = (TokenRejection.Header, WithHeader("""{"\udc00":"HS256"}""")),
        ["a header that is no UTF-8"] = (TokenRejection.Header, Sign([.. """{"alg":"HS256","x":"""u8, (byte)'"', 0xFF, (byte)'"', (byte)'}'], Encoding.UTF8.GetBytes(Claims()), UserKey)),
        ["a header in UTF-16"] = (TokenRejection.Header, Sign(Encoding.Unicode.GetBytes(UserHeader), Encoding.UTF8.GetBytes(Claims()), UserKey)),

        // The signature and its key
        ["another secret"] = (TokenRejection.Signature, Sign(UserHeader, Claims(), "another-secret-that-nobody-knows-0123456789"u8.ToArray())),
        ["the secret decoded from its hex"] = (TokenRejection.Signature, Sign(UserHeader, Claims(), Convert.FromHexString(Secret[..32]))),
        ["an empty key"] = (TokenRejection.Signature, Sign(UserHeader, Claims(), [])),
        ["the signature of other claims"] = (TokenRejection.Signature, $"{Encode(UserHeader)}.{Encode(Claims(("sub", "\"me@example.com\"")))}.{User().Split('.')[2]}"),
        ["a signature cut short"] = (TokenRejection.Signature, User()[..^3]),
        ["a signature of one byte"] = (TokenRejection.Signature, $"{Encode(UserHeader)}.{Encode(Claims())}.AA"),
        ["a signature with a byte more"] = (TokenRejection.Signature, LongerSignature()),
        ["a signature of zeros"] = (TokenRejection.Signature, $"{Encode(UserHeader)}.{Encode(Claims())}.{Encode(new byte[32])}"),
        ["a forged token with claims that are no JSON"] = (TokenRejection.Signature, Sign(UserHeader, "?", new byte[32])),
        ["a forged token that has expired"] = (TokenRejection.Signature, Sign(UserHeader, Claims(("exp", "1")), new byte[32])),

        // The two kinds
        ["a session's key under typ JWT"] = (TokenRejection.Signature, Sign(UserHeader, Claims(), SessionKey)),
        ["a session's key under typ JWT, with sid"] = (TokenRejection.Signature, Sign(UserHeader, SessionClaims(), SessionKey)),
        ["a session's key without typ"] = (TokenRejection.Signature, Sign("""{"alg":"HS256"}""", SessionClaims(), SessionKey)),
        ["a user's key under a session's typ"] = (TokenRejection.Signature, Sign(SessionHeader, SessionClaims(), UserKey)),
        ["a user's key under a session's typ, without sid"] = (TokenRejection.Signature, Sign(SessionHeader, Claims(), UserKey)),
        ["a user's previous key under a session's typ"] = (TokenRejection.Signature, Sign(SessionHeader, SessionClaims(), Encoding.UTF8.GetBytes(PreviousSecret))),
        ["a session's previous key under typ JWT"] = (TokenRejection.Signature, Sign(UserHeader, Claims(), SessionKeyOf(PreviousSecret))),
        ["a session's key of another secret"] = (TokenRejection.Signature, Sign(SessionHeader, SessionClaims(), SessionKeyOf("another-secret-that-nobody-knows-0123456789"))),
        ["a session's typ in capitals"] = (TokenRejection.Header, Sign("""{"alg":"HS256","typ":"Orion-Session+JWT"}""", SessionClaims(), SessionKey)),
        ["a session's typ as a media type"] = (TokenRejection.Header, Sign("""{"alg":"HS256","typ":"application/orion-session+jwt"}""", SessionClaims(), SessionKey)),
        ["sid in a user token"] = (TokenRejection.Session, User(("sid", $"\"{Sid}\""))),
        ["sid null in a user token"] = (TokenRejection.Session, User(("sid", "null"))),
        ["sid in a user token, escaped"] = (TokenRejection.Session, User(("\\u0073id", $"\"{Sid}\""))),
        ["sid in a user token without typ"] = (TokenRejection.Session, Sign("""{"alg":"HS256"}""", SessionClaims(), UserKey)),
        ["no sid in a session token"] = (TokenRejection.Session, Session(("sid", null))),
        ["sid null in a session token"] = (TokenRejection.Session, Session(("sid", "null"))),
        ["sid that is no string"] = (TokenRejection.Session, Session(("sid", $"[\"{Sid}\"]"))),
        ["sid empty"] = (TokenRejection.Session, Session(("sid", "\"\""))),
        ["sid in braces"] = (TokenRejection.Session, Session(("sid", $"\"{{{Sid}}}\""))),
        ["sid without hyphens"] = (TokenRejection.Session, Session(("sid", $"\"{Sid.Replace("-", "")}\""))),
        ["sid with a blank"] = (TokenRejection.Session, Session(("sid", $"\"{Sid} \""))),
        ["sid nil"] = (TokenRejection.Session, Session(("sid", "\"00000000-0000-0000-0000-000000000000\""))),
        ["sid twice"] = (TokenRejection.DuplicateClaim, Sign(SessionHeader, SessionClaims().Replace("}", $",\"sid\":\"{Sid}\"}}"), SessionKey)),
        ["sid inside another claim only"] = (TokenRejection.Session, Session(("sid", null), ("act", $"{{\"sid\":\"{Sid}\"}}"))),

        // The claims as a text
        ["claims that are an array"] = (TokenRejection.MalformedClaims, WithClaims($"[{Claims()}]")),
        ["claims that are null"] = (TokenRejection.MalformedClaims, WithClaims("null")),
        ["claims that are a string"] = (TokenRejection.MalformedClaims, WithClaims("\"{}\"")),
        ["claims that are no JSON"] = (TokenRejection.MalformedClaims, WithClaims("{claims}")),
        ["claims in single quotes"] = (TokenRejection.MalformedClaims, WithClaims(Claims().Replace('"', '\''))),
        ["claims cut short"] = (TokenRejection.MalformedClaims, WithClaims(Claims()[..^1])),
        ["claims cut short behind an object"] = (TokenRejection.MalformedClaims, WithClaims(Claims(("x", "{}"))[..^1])),
        ["no claims"] = (TokenRejection.Issuer, WithClaims("{}")),
        ["a byte-order mark before the claims"] = (TokenRejection.MalformedClaims, WithClaims("\uFEFF" + Claims())),
        ["a letter behind the claims"] = (TokenRejection.MalformedClaims, WithClaims(Claims() + "x")),
        ["a NUL behind the claims"] = (TokenRejection.MalformedClaims, WithClaims(Claims() + "\0")),
        ["a line feed behind the claims"] = (TokenRejection.MalformedClaims, WithClaims(Claims() + "\n")),
        ["a blank before the claims"] = (TokenRejection.MalformedClaims, WithClaims(" " + Claims())),
        ["another object behind the claims"] = (TokenRejection.MalformedClaims, WithClaims(Claims() + "{}")),
        ["a brace too many"] = (TokenRejection.MalformedClaims, WithClaims(Claims() + "}")),
        ["a comment in the claims"] = (TokenRejection.MalformedClaims, WithClaims(Claims().Replace(",\"aud\"", ",/* */\"aud\""))),
        ["a line comment in the claims"] = (TokenRejection.MalformedClaims, WithClaims(Claims().Replace(",\"aud\"", ",//\n\"aud\""))),
        ["a comma too many in the claims"] = (TokenRejection.MalformedClaims, WithClaims(Claims()[..^1] + ",}")),
        ["a comma too many inside a claim"] = (TokenRejection.MalformedClaims, User(("x", "[1,]"))),
        ["a control character in a claim"] = (TokenRejection.MalformedClaims, User(("x", "\"\u0001\""))),
        ["NaN in a claim"] = (TokenRejection.MalformedClaims, User(("x", "NaN"))),
        ["a byte that is no UTF-8 in a claim"] = (TokenRejection.MalformedClaims, WithRawClaim([0xFF])),
        ["an overlong slash in a claim"] = (TokenRejection.MalformedClaims, WithRawClaim([0xC0, 0xAF])),
        ["a surrogate as UTF-8 in a claim"] = (TokenRejection.MalformedClaims, WithRawClaim([0xED, 0xA0, 0x80])),
        ["UTF-8 cut short in a claim"] = (TokenRejection.MalformedClaims, WithRawClaim([0xE2, 0x82])),
        ["beyond Unicode in a claim"] = (TokenRejection.MalformedClaims, WithRawClaim([0xF4, 0x90, 0x80, 0x80])),
        ["an unpaired surrogate in a claim's name"] = (TokenRejection.MalformedClaims, User(("\\ud800", "1"))),
        ["sub twice"] = (TokenRejection.DuplicateClaim, WithClaims(Claims()[..^1] + ",\"sub\":\"you@example.com\"}")),
        ["exp twice"] = (TokenRejection.DuplicateClaim, WithClaims(Claims()[..^1] + $",\"exp\":{Second + 300}}}")),
        ["sub twice, once escaped"] = (TokenRejection.DuplicateClaim, WithClaims(Claims()[..^1] + ",\"\\u0073ub\":\"me@example.com\"}")),
        ["an unknown claim twice"] = (TokenRejection.DuplicateClaim, User(("x", "1,\"x\":1"))),
        ["an unknown claim twice, with an object between"] = (TokenRejection.DuplicateClaim, User(("x", "{\"y\":{\"z\":1}},\"x\":1"))),
        ["an empty name twice"] = (TokenRejection.DuplicateClaim, User(("", "1,\"\":1"))),
        ["a member twice inside a claim"] = (TokenRejection.DuplicateClaim, User(("x", "{\"y\":1,\"y\":1}"))),
        ["a member twice inside a claim, once escaped"] = (TokenRejection.DuplicateClaim, User(("x", "{\"é\":1,\"\\u00e9\":1}"))),
        ["a member twice inside a list in a claim"] = (TokenRejection.DuplicateClaim, User(("x", "[[{\"y\":[{\"y\":1}],\"z\":1,\"y\":1}]]"))),

        ["lists of 61 levels, the claims included"] = (TokenRejection.MalformedClaims, User(("x", new string('[', 60) + new string(']', 60)))),
        ["objects of 61 levels, the claims included"] = (TokenRejection.MalformedClaims, User(("x", string.Concat(Enumerable.Repeat("{\"\":", 60)) + "0" + new string('}', 60)))),
        ["an unpaired surrogate in another claim"] = (TokenRejection.MalformedClaims, User(("x", "\"\\ud800\""))),
        ["an unpaired surrogate behind a pair"] = (TokenRejection.MalformedClaims, User(("x", "\"\\ud83d\\ude80\\ude80\""))),
        ["a pair the wrong way round"] = (TokenRejection.MalformedClaims, User(("x", "\"\\ude80\\ud83d\""))),
        ["an unpaired surrogate deep inside"] = (TokenRejection.MalformedClaims, User(("x", "[{\"y\":[\"\\uDFFF\"]}]"))),
        ["an unpaired surrogate in a name deep inside"] = (TokenRejection.MalformedClaims, User(("x", "[{\"\\uD83D\":1}]"))),
        ["jti that is a number"] = (TokenRejection.MalformedClaims, User(("jti", "1"))),
        ["jti null"] = (TokenRejection.MalformedClaims, User(("jti", "null"))),
        ["azp as a list"] = (TokenRejection.MalformedClaims, User(("azp", "[\"x\"]"))),
        ["azp of a session token that is a number"] = (TokenRejection.MalformedClaims, Session(("azp", "1"))),

        // iss and aud
        ["no iss"] = (TokenRejection.Issuer, User(("iss", null))),
        ["another iss"] = (TokenRejection.Issuer, User(("iss", "\"https://evil.example.com\""))),
        ["iss with a slash at the end"] = (TokenRejection.Issuer, User(("iss", "\"https://chat.example.com/\""))),
        ["iss in capitals"] = (TokenRejection.Issuer, User(("iss", "\"HTTPS://chat.example.com\""))),
        ["iss cut short"] = (TokenRejection.Issuer, User(("iss", "\"https://chat.example.co\""))),
        ["iss with an unpaired surrogate"] = (TokenRejection.MalformedClaims, User(("iss", "\"https://chat.example.com\\ud800\""))),
        ["iss null"] = (TokenRejection.Issuer, User(("iss", "null"))),
        ["iss as a list"] = (TokenRejection.Issuer, User(("iss", "[\"https://chat.example.com\"]"))),
        ["no aud"] = (TokenRejection.Audience, User(("aud", null))),
        ["another aud"] = (TokenRejection.Audience, User(("aud", "\"orion\""))),
        ["aud with a slash at the end"] = (TokenRejection.Audience, User(("aud", "\"orion-core/\""))),
        ["aud in capitals"] = (TokenRejection.Audience, User(("aud", "\"Orion-Core\""))),
        ["aud as a list of one"] = (TokenRejection.Audience, User(("aud", "[\"orion-core\"]"))),
        ["aud as a list of two"] = (TokenRejection.Audience, User(("aud", "[\"orion-core\",\"other\"]"))),
        ["aud empty"] = (TokenRejection.Audience, User(("aud", "\"\""))),
        ["Aud with a capital"] = (TokenRejection.Audience, User(("aud", null), ("Aud", "\"orion-core\""))),

        // sub
        ["no sub"] = (TokenRejection.Subject, User(("sub", null))),
        ["sub null"] = (TokenRejection.Subject, User(("sub", "null"))),
        ["sub that is a number"] = (TokenRejection.Subject, User(("sub", "1"))),
        ["sub that is an object"] = (TokenRejection.Subject, User(("sub", "{\"sub\":\"you@example.com\"}"))),
        ["sub empty"] = (TokenRejection.Subject, User(("sub", "\"\""))),
        ["sub that is no address"] = (TokenRejection.Subject, User(("sub", "\"you\""))),
        ["sub with two at signs"] = (TokenRejection.Subject, User(("sub", "\"you@me@example.com\""))),
        ["sub with nothing before the at sign"] = (TokenRejection.Subject, User(("sub", "\"@example.com\""))),
        ["sub with nothing behind the at sign"] = (TokenRejection.Subject, User(("sub", "\"you@\""))),
        ["sub with a blank"] = (TokenRejection.Subject, User(("sub", "\"you@example.com \""))),
        ["sub with an escaped NUL"] = (TokenRejection.Subject, User(("sub", "\"you@example.com\\u0000\""))),
        ["sub outside ASCII"] = (TokenRejection.Subject, User(("sub", "\"yоu@example.com\""))),
        ["sub with a Kelvin sign"] = (TokenRejection.Subject, User(("sub", "\"\u212A@example.com\""))),
        ["sub of 255 characters"] = (TokenRejection.Subject, User(("sub", $"\"{new string('x', 243)}@example.com\""))),
        ["sub with an unpaired surrogate"] = (TokenRejection.MalformedClaims, User(("sub", "\"you@example.com\\udfff\""))),

        // exp, iat, nbf
        ["no exp"] = (TokenRejection.MalformedDate, User(("exp", null))),
        ["no iat"] = (TokenRejection.MalformedDate, User(("iat", null))),
        ["exp equal to iat"] = (TokenRejection.Lifetime, User(("iat", $"{Second + 10}"), ("exp", $"{Second + 10}"))),
        ["exp before iat"] = (TokenRejection.Lifetime, User(("iat", $"{Second + 20}"), ("exp", $"{Second + 10}"))),
        ["an expired token"] = (TokenRejection.Expired, User(("iat", $"{Second - 300}"), ("exp", $"{Second - 1}"))),
        ["exp now"] = (TokenRejection.Expired, User(("iat", $"{Second - 300}"), ("exp", $"{Second}"))),
        ["iat 61 seconds ahead"] = (TokenRejection.NotYetValid, User(("iat", $"{Second + 61}"))),
        ["nbf 61 seconds ahead"] = (TokenRejection.NotYetValid, User(("nbf", $"{Second + 61}"))),
        ["a lifetime of a second too much"] = (TokenRejection.Lifetime, User(("exp", $"{Second + 86401}"))),
        ["a session token's lifetime of a second too much"] = (TokenRejection.Lifetime, Session(("exp", $"{Second + 901}"))),
        ["nbf equal to exp"] = (TokenRejection.Lifetime, User(("nbf", $"{Second + 30}"), ("exp", $"{Second + 30}"))),
        ["nbf after exp"] = (TokenRejection.Lifetime, User(("nbf", $"{Second + 31}"), ("exp", $"{Second + 30}"))),
        ["the longest possible lifetime"] = (TokenRejection.Lifetime, User(("iat", "0"), ("exp", "253402300799"))),
        ["an expired session token"] = (TokenRejection.Expired, Session(("iat", $"{Second - 300}"), ("exp", $"{Second}"))),
    };

    // Values that are not an integer from 0 to 253402300799, in a token that is otherwise valid.
    internal static readonly Dictionary<string, string> WrongDates = new()
    {
        ["null"] = "null",
        ["true"] = "true",
        ["a string"] = $"\"{Second}\"",
        ["a list"] = $"[{Second}]",
        ["an object"] = "{}",
        ["a fraction of zero"] = $"{Second}.0",
        ["a fraction"] = $"{Second}.5",
        ["an exponent of zero"] = $"{Second}e0",
        ["an exponent"] = "1e9",
        ["a capital exponent"] = "1E9",
        ["minus zero"] = "-0",
        ["minus one"] = "-1",
        ["a second too late"] = "253402300800",
        ["more than 64 bits"] = "18446744073709551617",
        ["very many digits"] = new string('9', 400),
    };

    internal static readonly string[] DateClaims = ["exp", "iat", "nbf"];

    public static TheoryData<string> WhatIsWrong => [.. Cases.Keys];

    public static TheoryData<string, string> WhatIsNoDate =>
        [.. from name in DateClaims from wrong in WrongDates.Keys select new TheoryDataRow<string, string>(name, wrong)];

    [Theory]
    [MemberData(nameof(WhatIsWrong))]
    public void A_token_with_one_error_is_rejected(string wrong)
    {
        var verification = Verifier().Verify(Cases[wrong].Token);

        Assert.Null(verification.Token);
        Assert.Equal(Cases[wrong].Reason, verification.Rejection);
    }

    [Theory]
    [MemberData(nameof(WhatIsNoDate))]
    public void A_date_is_an_integer_that_a_calendar_has(string name, string wrong)
    {
        var verification = Verifier().Verify(User((name, WrongDates[wrong])));

        Assert.Null(verification.Token);
        Assert.Equal(TokenRejection.MalformedDate, verification.Rejection);
    }

    [Theory]
    [InlineData("+1")]
    [InlineData("01")]
    [InlineData("0x10")]
    [InlineData("1_000")]
    [InlineData(".5")]
    [InlineData("Infinity")]
    public void A_date_that_is_not_JSON_is_rejected(string date)
    {
        Assert.Equal(TokenRejection.MalformedClaims, Verifier().Verify(User(("exp", date))).Rejection);
    }

    private static string Padded(string json)
    {
        var encoded = Encode(json);
        Assert.NotEqual(0, encoded.Length % 4);
        return encoded.PadRight((encoded.Length + 3) / 4 * 4, '=');
    }

    // Spaces between members are valid, so they can give the claims any length.
    private static string ClaimsWithRemainder(int remainder)
    {
        var claims = Claims();
        while (Encoding.UTF8.GetByteCount(claims) % 3 != remainder) claims = claims[..^1] + " }";
        return claims;
    }

    private static string WithTrailingBit(string encoded)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return encoded[..^1] + alphabet[alphabet.IndexOf(encoded[^1]) | 1];
    }

    private static string StandardAlphabet()
    {
        var encoded = Encode(Claims(("x", "\"???>>>~~~ÿÿÿ???>>>\"")));
        Assert.True(encoded.Contains('-') || encoded.Contains('_'));
        return encoded.Replace('-', '+').Replace('_', '/');
    }

    private static string SignHs512()
    {
        var signed = $"{Encode("""{"alg":"HS512","typ":"JWT"}""")}.{Encode(Claims())}";
        return $"{signed}.{Encode(HMACSHA512.HashData(UserKey, Encoding.UTF8.GetBytes(signed)))}";
    }

    private static string LongerSignature()
    {
        var signed = $"{Encode(UserHeader)}.{Encode(Claims())}";
        return $"{signed}.{Encode([.. HMACSHA256.HashData(UserKey, Encoding.UTF8.GetBytes(signed)), 0])}";
    }

    private static string WithRawClaim(byte[] text) =>
        Sign(Encoding.UTF8.GetBytes(UserHeader), [.. Encoding.UTF8.GetBytes(Claims()[..^1] + ",\"x\":\""), .. text, .. "\"}"u8], UserKey);
}
