using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Orion.Infrastructure.Tokens;

namespace Orion.Api.Authentication;

/// <summary>
/// JwtBearer without what Orion has no use for (events, metadata, copies of the validation parameters, a token kept in a ticket):
/// that took as long as the verification itself.
/// </summary>
internal sealed class BearerHandler(
    IOptionsMonitor<JwtBearerOptions> options, ILoggerFactory logger, UrlEncoder encoder, OrionTokenHandler tokens)
    : JwtBearerHandler(options, logger, encoder)
{
    private static readonly Task<AuthenticateResult> NoToken = Task.FromResult(AuthenticateResult.NoResult());

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Token(Request, out var presented) is { Length: > 0 } token) return Verify(token);
        return presented ? Task.FromResult(AuthenticateResult.Fail(new TokenRejectedException(TokenRejection.Malformed))) : NoToken;
    }

    private async Task<AuthenticateResult> Verify(string token)
    {
        var result = await tokens.ValidateTokenAsync(token, Options.TokenValidationParameters);
        if (!result.IsValid) return AuthenticateResult.Fail(result.Exception);

        // So that nobody has to read it a second time.
        Context.Features.Set(((OrionSecurityToken)result.SecurityToken).Token);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(result.ClaimsIdentity), Scheme.Name));
    }

    /// <summary>The token that a request presents (RFC 6750, section 2.1), and whether it presents one at all.</summary>
    /// <returns>The token; null where there is none to read: none at all, or more than one header.</returns>
    private static string? Token(HttpRequest request, out bool presented)
    {
        const string scheme = "Bearer";
        presented = false;
        string? token = null;
        foreach (var header in request.Headers.Authorization)
        {
            if (header is null || !header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) continue;
            if (header.Length > scheme.Length && header[scheme.Length] != ' ') continue;
            presented = true;
            token = header[scheme.Length..].TrimStart(' ');
        }

        return request.Headers.Authorization.Count == 1 ? token : null;
    }
}
