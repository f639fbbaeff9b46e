using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Orion.Infrastructure.Tokens;
using static Orion.UnitTests.Fixtures.TestTokens;

namespace Orion.UnitTests.Tokens;

/// <summary>
/// Orion's strict parser and the library verify every token one after the other (ADR 14). Here only the library verifies it.
/// </summary>
public sealed class LibraryAgreementTests
{
    private static readonly JsonWebTokenHandler Library = new();

    // Every token of the other tests, and tokens that only the library rejects.
    private static readonly Dictionary<string, string> All = TokenAcceptanceTests.Cases
        .Concat(TokenRejectionTests.Cases.Select(wrong => KeyValuePair.Create(wrong.Key, wrong.Value.Token)))
        .Concat(
            from claim in TokenRejectionTests.DateClaims
            from wrong in TokenRejectionTests.WrongDates
            select KeyValuePair.Create($"{claim}: {wrong.Key}", User((claim, wrong.Value))))
        .Concat(
        [
            KeyValuePair.Create("a session token", Session()),
            KeyValuePair.Create("a session token of the previous secret", Sign(SessionHeader, SessionClaims(), SessionKeyOf(PreviousSecret))),
            KeyValuePair.Create("a session in capitals", Session(("sid", $"\"{Sid.ToUpperInvariant()}\""))),
            KeyValuePair.Create("a session token of fifteen minutes", Session(("exp", $"{Second + 900}"))),
        ])
        .ToDictionary();

    [Fact]
    public async Task What_the_strict_reading_accepts_the_library_accepts()
    {
        var accepted = 0;
        foreach (var (name, token) in All.Where(token => Verifier().Verify(token.Value).Token is not null))
        {
            accepted++;
            Assert.True(await IsValid(token, Now), name);
        }

        Assert.Equal(TokenAcceptanceTests.Cases.Count + 4, accepted);
    }

    [Fact]
    public void What_the_strict_reading_accepts_at_any_time_the_library_accepts()
    {
        var near = Gen.Long[-90, 90];
        var accepted = 0;
        Gen.Select(near, near, near, Gen.Long[0, TimeSpan.TicksPerSecond - 1]).Sample((issued, notBefore, expires, ticks) =>
        {
            var token = User(("iat", $"{Second + issued}"), ("nbf", $"{Second + notBefore}"), ("exp", $"{Second + expires}"));
            var now = Now.AddTicks(ticks);
            if (Verifier(now: now).Verify(token).Token is null) return true;
            Interlocked.Increment(ref accepted);
            return IsValid(token, now).GetAwaiter().GetResult();
        });
        Assert.NotEqual(0, accepted);
    }

    [Fact]
    public void What_the_strict_reading_accepts_with_any_other_claims_the_library_accepts()
    {
        Gen.Select(Gen.OneOf("x", "act", "nonce", "kid", "typ", "amr", "email", "\\u0000", "é"), TokenPropertyTests.NearlyJson).Sample((name, json) =>
        {
            var token = WithClaims($"{Claims()[..^1]},\"{name}\":{json}}}");
            return Verifier().Verify(token).Token is null || IsValid(token, Now).GetAwaiter().GetResult();
        });
    }

    [Fact]
    public async Task The_library_verifies_signature_algorithm_issuer_audience_and_lifetime_by_itself()
    {
        (string Name, string Token)[] wrong =
        [
            ("another key", Sign(UserHeader, Claims(), new byte[32])),
            ("a user token with a session key", Sign(UserHeader, Claims(), SessionKey)),
            ("a session token with a user key", Sign(SessionHeader, SessionClaims(), UserKey)),
            ("no signature", All["alg none without a signature"]),
            ("another algorithm", All["alg HS512, signed so"]),
            ("another issuer", All["another iss"]),
            ("another audience", All["another aud"]),
            ("an audience with a slash", All["aud with a slash at the end"]),
            ("no exp", All["no exp"]),
            ("expired", User(("iat", $"{Second - 300}"), ("exp", $"{Second - 61}"))),
            ("not valid yet", All["nbf 61 seconds ahead"]),
            ("nbf after exp", All["nbf after exp"]),
        ];

        foreach (var (name, token) in wrong) Assert.False(await IsValid(token, Now), name);
    }

    /// <summary>Why the strict parser is needed. If the library ever rejects all of these, ADR 14 can be reconsidered.</summary>
    [Fact]
    public async Task The_library_by_itself_accepts_what_section_2_of_the_contract_rejects()
    {
        string[] names =
        [
            "more than 4,096 characters", "padding behind the claims", "a letter behind the claims", "an unknown critical header", "kid", "alg twice",
            "typ of an access token", "sub twice", "aud as a list of one", "sid in a user token", "no sid in a session token", "sub that is no address",
            "no iat", "exp: a string", "exp: a fraction", "exp now", "a lifetime of a second too much", "objects of 61 levels, the claims included",
        ];

        foreach (var name in names) Assert.True(await IsValid(All[name], Now), name);
    }

    private static async Task<bool> IsValid(string token, DateTimeOffset now) =>
        (await Library.ValidateTokenAsync(token, LibraryValidation.Create(TestSettings, new FakeTimeProvider(now)))).IsValid;
}
