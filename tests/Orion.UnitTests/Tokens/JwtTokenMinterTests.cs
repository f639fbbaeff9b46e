using System.Buffers.Text;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Orion.Application.Messaging;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Tokens;
using static Orion.UnitTests.Fixtures.TestTokens;

namespace Orion.UnitTests.Tokens;

public sealed class JwtTokenMinterTests
{
    private static readonly EmailAddress You = Address("you@example.com");
    private static readonly SessionId Chat = SessionId.Parse(Sid)!.Value;
    private static readonly Caller YouCalling = new(UserId.New(Now), You);

    private static readonly Gen<EmailAddress> Addresses = Gen.Select(
        Gen.Char['!', '~'].Where(character => character != '@').Array[1, 127],
        Gen.Char['!', '~'].Where(character => character != '@').Array[1, 126],
        (local, domain) => Address($"{new string(local)}@{new string(domain)}"));

    [Fact]
    public void A_user_token_is_made_of_exactly_what_the_contract_names()
    {
        var token = Minter().MintUserToken(You, TimeSpan.FromSeconds(300)).Token;

        Assert.Equal(UserHeader, Part(token, 0));
        Assert.Equal(Claims(), Part(token, 1));
    }

    [Fact]
    public void A_session_token_is_made_of_exactly_what_the_contract_names()
    {
        var token = Minter().MintSessionToken(YouCalling, Chat, Now, TimeSpan.FromSeconds(300)).Token;

        Assert.Equal(SessionHeader, Part(token, 0));
        Assert.Equal(SessionClaims(), Part(token, 1));
    }

    [Fact]
    public void Every_user_token_that_is_minted_is_verified()
    {
        Gen.Select(Addresses, Gen.Long[1, 86400], Gen.Long[0, TimeSpan.TicksPerSecond - 1]).Sample((subject, seconds, ticks) =>
        {
            var now = Now.AddTicks(ticks);
            var minted = Minter(now).MintUserToken(subject, TimeSpan.FromSeconds(seconds));
            var expected = new VerifiedToken(subject, Now, Now.AddSeconds(seconds), Session: null);

            Assert.Equal((Now, expected.ExpiresAt), (minted.IssuedAt, minted.ExpiresAt));
            Assert.Equal(expected, Verifier(now: now).Verify(minted.Token).Token);
        });
    }

    [Fact]
    public void Every_session_token_that_is_minted_is_verified()
    {
        Gen.Select(Addresses, Gen.Guid.Where(id => id != Guid.Empty), Gen.Long[1, 900]).Sample((subject, id, seconds) =>
        {
            var session = SessionId.From(id);
            var minted = Minter().MintSessionToken(new Caller(UserId.New(Now), subject), session, Now, TimeSpan.FromSeconds(seconds));

            Assert.Equal(new VerifiedToken(subject, Now, Now.AddSeconds(seconds), session), Verifier().Verify(minted.Token).Token);
        });
    }

    [Fact]
    public void Only_the_current_secret_signs()
    {
        var onlyPrevious = Verifier(TestSettings with { Secret = PreviousSecret, PreviousSecret = null });
        var onlyCurrent = Verifier(TestSettings with { PreviousSecret = null });

        foreach (var minted in new[] { Minter().MintUserToken(You, TimeSpan.FromSeconds(60)), Minter().MintSessionToken(YouCalling, Chat, Now, TimeSpan.FromSeconds(60)) })
        {
            Assert.NotNull(onlyCurrent.Verify(minted.Token).Token);
            Assert.Equal(TokenRejection.Signature, onlyPrevious.Verify(minted.Token).Rejection);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1.5)]
    [InlineData(86401)]
    public void A_user_token_that_would_be_rejected_is_not_minted(double seconds)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Minter().MintUserToken(You, TimeSpan.FromSeconds(seconds)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(901)]
    public void A_session_token_that_would_be_rejected_is_not_minted(double seconds)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Minter().MintSessionToken(YouCalling, Chat, Now, TimeSpan.FromSeconds(seconds)));
    }

    [Fact]
    public void A_session_token_for_no_session_is_not_minted()
    {
        Assert.Throws<ArgumentException>(() => Minter().MintSessionToken(YouCalling, default, Now, TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void A_minted_token_is_not_printed()
    {
        var minted = Minter().MintUserToken(You, TimeSpan.FromSeconds(60));

        Assert.DoesNotContain(minted.Token, $"{minted}", StringComparison.Ordinal);
    }

    private static JwtTokenMinter Minter(DateTimeOffset? now = null) => new(TestSettings, new FakeTimeProvider(now ?? Now));

    private static EmailAddress Address(string text) => EmailAddress.TryParse(text, out var address) ? address : throw new ArgumentException(text);

    private static string Part(string token, int part) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[part]));
}
