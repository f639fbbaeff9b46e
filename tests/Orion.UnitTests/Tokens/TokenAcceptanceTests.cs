using System.Text;
using Orion.Domain.Sessions;
using Orion.Infrastructure.Tokens;
using static Orion.UnitTests.Fixtures.TestTokens;

namespace Orion.UnitTests.Tokens;

/// <summary>Tokens that must be accepted: the valid side of each boundary.</summary>
public sealed class TokenAcceptanceTests
{
    internal static readonly Dictionary<string, string> Cases = new()
    {
        ["a plain user token"] = User(),
        ["no typ"] = WithHeader("""{"alg":"HS256"}"""),
        ["typ before alg"] = WithHeader("""{"typ":"JWT","alg":"HS256"}"""),
        ["white space between the members"] = Sign("{ \"alg\" : \"HS256\",\r\n \"typ\":\"JWT\" }", Claims().Replace(",", ",\r\n\t"), UserKey),
        ["exactly 4,096 characters"] = OfLength(4096),
        ["the previous secret"] = Sign(UserHeader, Claims(), Encoding.UTF8.GetBytes(PreviousSecret)),
        ["nbf now"] = User(("nbf", $"{Second}")),
        ["nbf 60 seconds ahead"] = User(("nbf", $"{Second + 60}")),
        ["nbf zero"] = User(("nbf", "0")),
        ["iat 60 seconds ahead"] = User(("iat", $"{Second + 60}")),
        ["exp in a second"] = User(("iat", $"{Second - 300}"), ("exp", $"{Second + 1}")),
        ["the longest lifetime"] = User(("exp", $"{Second + 86400}")),
        ["escaped names and values"] = User(("iss", "\"https:\\/\\/chat.example.com\""), ("sub", null), ("\\u0073ub", "\"\\u0079ou@example.com\"")),
        ["a subject in capitals"] = User(("sub", "\"YOU@Example.COM\"")),
        ["other claims"] = User(("jti", "\"1\""), ("roles", "[\"a\",\"a\"]"), ("profile", "{\"sid\":null,\"exp\":\"never\",\"sub\":{\"sub\":1}}")),
        ["a surrogate pair in another claim"] = User(("x", "\"\\ud83d\\ude80\"")),
        ["a backslash before what looks like an escape"] = User(("x", "\"\\\\ud800\"")),
        ["jti and azp"] = User(("jti", "\"\""), ("azp", "\"frontend\"")),
        ["jti inside another claim"] = User(("x", "{\"jti\":1,\"azp\":null}")),
        ["an odd number in another claim"] = User(("x", "-1.5e131071")),
        ["the same name in neighbours and in an object within"] = User(("x", "[{\"x\":1},{\"x\":{\"x\":1}}]"), ("y", "{\"x\":{},\"y\":{}}")),
        ["names that differ in case and in composition"] = User(("é", "1"), ("É", "1"), ("e\u0301", "1"), ("SUB", "1"), ("Sid", "1")),
        ["lists of 60 levels, the claims included"] = User(("x", new string('[', 59) + new string(']', 59))),
        ["objects of 60 levels, the claims included"] = User(("x", string.Concat(Enumerable.Repeat("{\"\":", 59)) + "0" + new string('}', 59))),
        ["nbf a second before exp"] = User(("iat", $"{Second - 10}"), ("nbf", $"{Second}"), ("exp", $"{Second + 1}")),
        ["three hundred other claims"] = User([.. Enumerable.Range(0, 300).Select(i => ($"{i}", (string?)"0"))]),
        ["a claim with the mark that no text may begin with"] = User(("x", "\"\uFEFF\"")),
    };

    public static TheoryData<string> WhatIsFine => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(WhatIsFine))]
    public void A_valid_user_token_is_accepted(string fine)
    {
        var verification = Verifier().Verify(Cases[fine]);

        Assert.Null(verification.Rejection);
        Assert.Equal("you@example.com", verification.Token!.Subject.Value);
        Assert.Null(verification.Token.Session);
    }

    [Fact]
    public void A_verified_token_has_the_values_of_its_claims()
    {
        var token = Verifier().Verify(User(("iat", $"{Second - 5}"), ("exp", $"{Second + 5}"))).Token!;

        Assert.Equal(Now.AddSeconds(-5), token.IssuedAt);
        Assert.Equal(Now.AddSeconds(5), token.ExpiresAt);
    }

    [Theory]
    [InlineData(Secret)]
    [InlineData(PreviousSecret)]
    public void A_session_token_is_accepted_with_the_key_of_either_secret(string secret)
    {
        var token = Verifier().Verify(Sign(SessionHeader, SessionClaims(), SessionKeyOf(secret))).Token;

        Assert.Equal(SessionId.Parse(Sid), token!.Session);
    }

    [Fact]
    public void A_session_token_may_spell_its_session_in_capitals_and_live_fifteen_minutes()
    {
        var token = Verifier().Verify(Session(("sid", $"\"{Sid.ToUpperInvariant()}\""), ("exp", $"{Second + 900}"))).Token;

        Assert.Equal(SessionId.Parse(Sid), token!.Session);
    }

    [Fact]
    public void Without_a_previous_secret_only_the_current_one_counts()
    {
        var verifier = Verifier(TestSettings with { PreviousSecret = null });

        Assert.NotNull(verifier.Verify(User()).Token);
        Assert.NotNull(verifier.Verify(Session()).Token);
        Assert.Equal(TokenRejection.Signature, verifier.Verify(Sign(UserHeader, Claims(), Encoding.UTF8.GetBytes(PreviousSecret))).Rejection);
        Assert.Equal(TokenRejection.Signature, verifier.Verify(Sign(SessionHeader, SessionClaims(), SessionKeyOf(PreviousSecret))).Rejection);
    }

    [Fact]
    public void A_secret_outside_ASCII_is_the_UTF8_of_its_characters()
    {
        const string secret = "Geheimnis-für-Prüfungen-№-0123456789-äöü";

        Assert.NotNull(Verifier(TestSettings with { Secret = secret }).Verify(Sign(UserHeader, Claims(), Encoding.UTF8.GetBytes(secret))).Token);
    }

    [Fact]
    public void A_token_expires_at_its_exp_to_the_tick()
    {
        var token = User();
        var end = Now.AddSeconds(300);

        Assert.NotNull(Verifier(now: end.AddTicks(-1)).Verify(token).Token);
        Assert.Equal(TokenRejection.Expired, Verifier(now: end).Verify(token).Rejection);
        Assert.Equal(TokenRejection.Expired, Verifier(now: end.AddTicks(1)).Verify(token).Rejection);
    }

    [Fact]
    public void A_token_from_the_future_is_accepted_from_a_minute_before_its_iat_to_the_tick()
    {
        var token = User();

        Assert.NotNull(Verifier(now: Now.AddSeconds(-60)).Verify(token).Token);
        Assert.Equal(TokenRejection.NotYetValid, Verifier(now: Now.AddSeconds(-60).AddTicks(-1)).Verify(token).Rejection);
    }

    [Fact]
    public void The_first_and_the_last_second_of_the_calendar_are_dates()
    {
        const long last = 253402300799;

        Assert.NotNull(Verifier(now: DateTimeOffset.UnixEpoch).Verify(User(("iat", "0"), ("exp", "1"))).Token);
        Assert.NotNull(Verifier(now: DateTimeOffset.FromUnixTimeSeconds(last - 1)).Verify(User(("iat", $"{last - 1}"), ("exp", $"{last}"))).Token);
        Assert.Equal(TokenRejection.Expired, Verifier(now: DateTimeOffset.MaxValue).Verify(User(("iat", $"{last - 1}"), ("exp", $"{last}"))).Rejection);
    }

    [Fact]
    public void The_settings_limit_the_lifetime_of_a_user_token()
    {
        var verifier = Verifier(TestSettings with { UserTokenMaxLifetime = TimeSpan.FromSeconds(300) });

        Assert.NotNull(verifier.Verify(User()).Token);
        Assert.Equal(TokenRejection.Lifetime, verifier.Verify(User(("exp", $"{Second + 301}"))).Rejection);
    }

    [Fact]
    public void Null_is_not_a_token()
    {
        Assert.Equal(TokenRejection.Malformed, Verifier().Verify((string?)null).Rejection);
    }
}
