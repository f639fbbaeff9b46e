using Orion.Cli.Reporting;
using Orion.Infrastructure.Tokens;

namespace Orion.Cli.Tokens;

/// <summary>Describes the verifier's checks: the rule, and the likely cause of a failure.</summary>
internal static class TokenChecks
{
    /// <summary>The rule of a check.</summary>
    internal static string Rule(TokenRejection check) => check switch
    {
        TokenRejection.TooLong => $"at most {JwtVerifier.MaxLength} characters",
        TokenRejection.Malformed => "three parts of canonical base64url",
        TokenRejection.Header => "alg HS256, typ JWT (or orion-session+jwt), nothing else",
        TokenRejection.Signature => "signed with the shared secret",
        TokenRejection.MalformedClaims => "the claims are one JSON object; jti and azp are strings",
        TokenRejection.DuplicateClaim => "no duplicate claim",
        TokenRejection.Issuer => "iss is JWT_ISSUER",
        TokenRejection.Audience => "aud is JWT_AUDIENCE, one string",
        TokenRejection.Subject => "sub is an e-mail address",
        TokenRejection.MalformedDate => "iat, exp and nbf are whole seconds",
        TokenRejection.Session => "sid only in a session token",
        TokenRejection.Lifetime => "exp is after iat and nbf, and not too long after iat",
        TokenRejection.NotYetValid => "iat and nbf are not in the future",
        TokenRejection.Expired => "exp is in the future",
        _ => check.ToString(),
    };

    /// <summary>The likely cause of a failure.</summary>
    internal static string Advice(TokenRejection check, TokenInspection token) => check switch
    {
        TokenRejection.TooLong => "Remove claims.",
        TokenRejection.Malformed => "Something was cut off, added or encoded twice in transit.",
        TokenRejection.Header => "Another algorithm or type, or a header parameter that Orion does not accept, such as kid.",
        TokenRejection.Signature => "It was signed with another secret, or changed. The key is the secret's UTF-8 bytes, not decoded hex.",
        TokenRejection.MalformedClaims => "Not a UTF-8 JSON object, data before or after it, more than 60 levels, an unpaired surrogate, or a jti or azp that is not a string.",
        TokenRejection.DuplicateClaim => "A verifier must not choose one of the two.",
        TokenRejection.Issuer => "Compare it with JWT_ISSUER, character by character.",
        TokenRejection.Audience => "Compare it with JWT_AUDIENCE, character by character; a list is never accepted.",
        TokenRejection.Subject => "The frontend must put the user's address there.",
        TokenRejection.MalformedDate when token.InMilliseconds is { } claim =>
            $"{claim} is in milliseconds (13 digits). It must be in seconds: in JavaScript, Math.floor(Date.now() / 1000).",
        TokenRejection.MalformedDate => "iat and exp are required. All must be integers: no fractions, no strings.",
        TokenRejection.Session => "A user token with a sid, or a session token without one.",
        TokenRejection.Lifetime => "The maximum is USER_TOKEN_MAX_SECONDS, or 15 min for a session token.",
        TokenRejection.NotYetValid => $"More than 60 s ahead of now, {Table.Instant(token.Now)}: a clock is wrong (see: orion doctor), or the token is not valid yet.",
        TokenRejection.Expired => $"It expired at {Table.Instant(token.ExpiresAt)}.",
        _ => "",
    };
}
