using Orion.Cli.Reporting;
using Orion.Infrastructure.Tokens;

namespace Orion.Cli.Tokens;

/// <summary>What the verifier's checks mean to a person: the rule, and what it may be where it does not hold.</summary>
internal static class TokenChecks
{
    /// <summary>The rule of a check.</summary>
    internal static string Rule(TokenRejection check) => check switch
    {
        TokenRejection.TooLong => $"at most {JwtVerifier.MaxLength} characters",
        TokenRejection.Malformed => "three parts of canonical base64url",
        TokenRejection.Header => "alg HS256, typ JWT (or orion-session+jwt), nothing else",
        TokenRejection.Signature => "signed with the shared secret",
        TokenRejection.MalformedClaims => "the claims are one JSON object; jti and azp are texts",
        TokenRejection.DuplicateClaim => "no claim twice",
        TokenRejection.Issuer => "iss is JWT_ISSUER",
        TokenRejection.Audience => "aud is JWT_AUDIENCE, one text",
        TokenRejection.Subject => "sub is an e-mail address",
        TokenRejection.MalformedDate => "iat, exp and nbf are whole seconds",
        TokenRejection.Session => "sid only in a session token",
        TokenRejection.Lifetime => "exp is after iat and nbf, and not too long after iat",
        TokenRejection.NotYetValid => "iat and nbf are not ahead",
        TokenRejection.Expired => "exp has not come",
        _ => check.ToString(),
    };

    /// <summary>What to look at where a check failed.</summary>
    internal static string Advice(TokenRejection check, TokenInspection token) => check switch
    {
        TokenRejection.TooLong => "Leave claims out.",
        TokenRejection.Malformed => "Something was cut off, added or encoded twice on the way.",
        TokenRejection.Header => "Another algorithm or type, or a header parameter that Orion does not accept, such as kid.",
        TokenRejection.Signature => "Another secret signed it, or it was changed. The key is the secret's UTF-8 bytes, not decoded hex.",
        TokenRejection.MalformedClaims => "No object in UTF-8, something before or behind it, more than 60 levels, half a surrogate pair, or a jti or azp that is no text.",
        TokenRejection.DuplicateClaim => "Which of the two would count is not for a verifier to guess.",
        TokenRejection.Issuer => "Compare it with JWT_ISSUER, character by character.",
        TokenRejection.Audience => "Compare it with JWT_AUDIENCE, character by character; a list is never accepted.",
        TokenRejection.Subject => "The frontend must put the user's address there.",
        TokenRejection.MalformedDate when token.InMilliseconds is { } claim =>
            $"{claim} is in milliseconds (13 digits). It must be in seconds: in JavaScript, Math.floor(Date.now() / 1000).",
        TokenRejection.MalformedDate => "All but nbf are required, as integers: no fractions, no texts.",
        TokenRejection.Session => "A user token with a sid, or a session token without one.",
        TokenRejection.Lifetime => "USER_TOKEN_MAX_SECONDS is the longest, 15 min for a session token.",
        TokenRejection.NotYetValid => $"More than 60 s ahead of now, {Table.Instant(token.Now)}: a clock is wrong (see: orion doctor), or its time is yet to come.",
        TokenRejection.Expired => $"It ended at {Table.Instant(token.ExpiresAt)}.",
        _ => "",
    };
}
