using Orion.Infrastructure.Tokens;

namespace Orion.UnitTests.Tokens;

/// <summary>The report about a token for an operator. The rejection is its first problem.</summary>
public sealed class TokenInspectionTests
{
    [Fact]
    public void A_valid_token_passes_every_check()
    {
        var inspection = Inspect(TestTokens.Claims());

        Assert.NotNull(inspection.Token);
        Assert.All(inspection.Checks, check => Assert.Equal(TokenVerdict.Passed, check.Verdict));
    }

    [Fact]
    public void All_problems_are_found_and_the_first_one_is_the_rejection()
    {
        var token = TestTokens.Sign(TestTokens.UserHeader, TestTokens.Claims(("iss", "\"x\""), ("aud", null), ("exp", "1")), TestTokens.UserKey);

        var inspection = TestTokens.Verifier().Inspect(token);

        Assert.Equal([TokenRejection.Issuer, TokenRejection.Audience, TokenRejection.Lifetime, TokenRejection.Expired], Failed(inspection));
        Assert.Equal(TokenRejection.Issuer, TestTokens.Verifier().Verify(token).Rejection);
        Assert.Null(inspection.Token);
    }

    [Fact]
    public void A_forged_token_is_examined_further_and_never_counts()
    {
        var token = TestTokens.Sign(TestTokens.UserHeader, TestTokens.Claims(), new byte[32]);

        var inspection = TestTokens.Verifier().Inspect(token);

        Assert.Equal([TokenRejection.Signature], Failed(inspection));
        Assert.Null(inspection.Token);
        Assert.Equal("you@example.com", inspection.Subject!.Value);
    }

    [Fact]
    public void Invalid_dates_leave_the_checks_of_dates_unreached()
    {
        var inspection = Inspect(TestTokens.Claims(("exp", "\"tomorrow\"")));

        Assert.Equal([TokenRejection.MalformedDate], Failed(inspection));
        Assert.Equal(TokenVerdict.NotReached, inspection.Checks.Single(check => check.Check == TokenRejection.Expired).Verdict);
    }

    [Fact]
    public void Checks_after_a_final_failure_are_not_reached()
    {
        var inspection = TestTokens.Verifier().Inspect("no token");

        Assert.Equal([TokenRejection.Malformed], Failed(inspection));
        Assert.Equal(TokenVerdict.Passed, inspection.Checks[0].Verdict);
        Assert.All(inspection.Checks.Skip(2), check => Assert.Equal(TokenVerdict.NotReached, check.Verdict));
    }

    [Theory]
    [InlineData("iat", "1772366400000")]
    [InlineData("exp", "1772366400000")]
    [InlineData("nbf", "1772366400000")]
    public void A_date_in_milliseconds_is_named(string claim, string date)
    {
        var inspection = Inspect(TestTokens.Claims((claim, date)));

        Assert.Equal(claim, inspection.InMilliseconds);
        Assert.Equal([TokenRejection.MalformedDate], Failed(inspection));
    }

    [Theory]
    [InlineData("\"1772366400000\"")]
    [InlineData("1772366400000.5")]
    [InlineData("253402300800")]
    [InlineData("17723664000000")]
    public void No_other_date_is_named(string date) => Assert.Null(Inspect(TestTokens.Claims(("iat", date))).InMilliseconds);

    private static TokenInspection Inspect(string claims) =>
        TestTokens.Verifier().Inspect(TestTokens.Sign(TestTokens.UserHeader, claims, TestTokens.UserKey));

    private static IEnumerable<TokenRejection> Failed(TokenInspection inspection) =>
        inspection.Checks.Where(check => check.Verdict == TokenVerdict.Failed).Select(check => check.Check);
}
