using System.Security.Claims;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using Orion.Infrastructure.Tokens;
using static Orion.UnitTests.Fixtures.TestTokens;

namespace Orion.UnitTests.Tokens;

public sealed class OrionTokenHandlerTests
{
    private readonly OrionTokenHandler _handler = new(Verifier());

    [Fact]
    public async Task A_valid_user_token_becomes_an_identity_with_its_subject_only()
    {
        var result = await Validate(User(("roles", "\"admin\"")));

        Assert.True(result.IsValid);
        Assert.Null(result.Exception);
        Assert.True(result.ClaimsIdentity.IsAuthenticated);
        Assert.Equal("Bearer", result.ClaimsIdentity.AuthenticationType);
        Assert.Equal("you@example.com", result.ClaimsIdentity.Name);
        Assert.Equal([("sub", "you@example.com")], result.ClaimsIdentity.Claims.Select(Pair));
    }

    [Fact]
    public async Task A_valid_session_token_becomes_an_identity_with_its_session()
    {
        var result = await Validate(Session());

        Assert.True(result.IsValid);
        Assert.Equal([("sub", "you@example.com"), ("sid", Sid)], result.ClaimsIdentity.Claims.Select(Pair));
    }

    [Fact]
    public async Task The_identity_has_the_verified_token()
    {
        var result = await Validate(Session());

        Assert.Equal(Verifier().Verify(Session()).Token, Assert.IsType<TokenIdentity>(result.ClaimsIdentity).Token);
        Assert.Equal(Now.AddSeconds(300).UtcDateTime, result.SecurityToken.ValidTo);
    }

    [Fact]
    public async Task A_token_that_only_the_library_rejects_is_rejected()
    {
        var parameters = Parameters();
        parameters.ValidIssuer = "https://other.example.com";

        var result = await _handler.ValidateTokenAsync(User(), parameters);

        Assert.False(result.IsValid);
        Assert.IsType<SecurityTokenInvalidIssuerException>(result.Exception);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not.a.token")]
    public async Task A_rejected_token_is_a_result_with_the_reason_and_no_exception_is_thrown(string token)
    {
        var result = await Validate(token);

        Assert.False(result.IsValid);
        Assert.Null(result.SecurityToken);
        var exception = Assert.IsType<TokenRejectedException>(result.Exception);
        Assert.Equal(TokenRejection.Malformed, exception.Rejection);
        Assert.Null(exception.StackTrace);
    }

    [Fact]
    public async Task Validation_parameters_cannot_loosen_the_verification()
    {
        var parameters = new TokenValidationParameters
        {
            RequireSignedTokens = false,
            ValidateLifetime = false,
            SignatureValidator = (_, _) => throw new InvalidOperationException("The library was asked."),
        };

        var result = await _handler.ValidateTokenAsync(User(("iat", "1"), ("exp", "2")), parameters);

        Assert.Equal(TokenRejection.Expired, Assert.IsType<TokenRejectedException>(result.Exception).Rejection);
    }

    private Task<TokenValidationResult> Validate(string token) => _handler.ValidateTokenAsync(token, Parameters());

    private static TokenValidationParameters Parameters() => LibraryValidation.Create(TestSettings, new FakeTimeProvider(Now));

    private static (string Type, string Value) Pair(Claim claim) => (claim.Type, claim.Value);
}
