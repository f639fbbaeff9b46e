using System.Security.Cryptography;
using System.Text;
using Orion.Infrastructure.Configuration.Rules;

namespace Orion.UnitTests.Configuration;

public class SecretRuleTests
{
    [Theory]
    [InlineData("0123456789abcdefghijklmnopqrstuv")]
    [InlineData("äöüßéèêëçñ€€€€€€")]
    [InlineData("this is not changeme, nor is it your_secret")]
    [InlineData(" 0123456789 with blanks at its ends and $ and # ")]
    public void A_long_and_varied_secret_is_used_unchanged(string secret)
    {
        using var place = TestConfiguration.Working().With("ORION_SHARED_JWT_SECRET", secret);

        Assert.Equal(secret, place.Settings().Tokens.Secret);
    }

    [Theory]
    [InlineData("0123456789abcdefghijklmnopqrstu", "32 bytes")]
    [InlineData("ab", "32 bytes")]
    [InlineData("012345678012345678012345678012345678", "distinct")]
    [InlineData("                                        ", "distinct")]
    [InlineData("changeme", "placeholder")]
    [InlineData("ChangeMe-0123456789abcdefghijklmnopqrstuvwxyz", "placeholder")]
    [InlineData("YOUR_secret_0123456789abcdefghijklmnopqrstuvwxyz", "placeholder")]
    [InlineData(" your_secret_0123456789abcdefghijklmnopqrstuvwxyz", "placeholder")]
    public void A_weak_secret_prevents_the_start_in_every_environment(string secret, string why)
    {
        foreach (var name in (string[])["ORION_SHARED_JWT_SECRET", "ORION_SHARED_JWT_SECRET_PREVIOUS"])
        {
            foreach (var environmentName in (string[])["Production", "Development"])
            {
                using var place = TestConfiguration.Working().With(name, secret);
                var problem = place.Problem(environmentName);
                Assert.Equal(name, problem.Variable);
                Assert.Contains(why, problem.What, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void The_published_secret_is_recognized_by_its_hash()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(TestConfiguration.Secret)));

        Assert.Contains("published", SecretRule.Check(TestConfiguration.Secret, hash)!.What, StringComparison.Ordinal);
        Assert.Null(SecretRule.Check(TestConfiguration.Secret));
        Assert.Equal("b716e444d459562c2401782baf565e33e6d7c89f03513656823b2ba5edc188f2", SecretRule.PublishedSha256);
    }

    [Fact]
    public void A_previous_secret_must_differ_and_warns_at_each_start()
    {
        using var place = TestConfiguration.Working().With("ORION_SHARED_JWT_SECRET_PREVIOUS", TestConfiguration.Secret);
        Assert.Equal("ORION_SHARED_JWT_SECRET_PREVIOUS", place.Problem().Variable);

        place.With("ORION_SHARED_JWT_SECRET_PREVIOUS", TestConfiguration.Secret + "older");
        Assert.Equal(TestConfiguration.Secret + "older", place.Settings().Tokens.PreviousSecret);
        Assert.StartsWith("ORION_SHARED_JWT_SECRET_PREVIOUS is set", Assert.Single(place.Read().Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_end_in_a_secret_is_part_of_it_and_warns()
    {
        using var place = TestConfiguration.Working().With("ORION_SHARED_JWT_SECRET", TestConfiguration.Secret + "\n");

        Assert.Equal(TestConfiguration.Secret + "\n", place.Settings().Tokens.Secret);
        Assert.Single(place.Read().Warnings);
    }

    [Fact]
    public void Issuer_and_audience_are_exact()
    {
        using var place = TestConfiguration.Working().With("JWT_ISSUER", "https://Chat.example.com/ ").With("ORION_SHARED_JWT_AUD", "A");

        Assert.Equal(("https://Chat.example.com/ ", "A"), (place.Settings().Tokens.Issuer, place.Settings().Tokens.Audience));
        Assert.Single(place.Read().Warnings);
        Assert.Equal("JWT_AUDIENCE", place.With("JWT_AUDIENCE", " ").Problem().Variable);
    }
}
