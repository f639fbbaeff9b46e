namespace Orion.Infrastructure.Tokens;

/// <summary>
/// Why a token was refused: the first thing that was found. For the log only; a client is never told which check failed.
/// </summary>
public enum TokenRejection
{
    /// <summary>It is longer than <see cref="JwtVerifier.MaxLength"/>.</summary>
    TooLong,

    /// <summary>It is not three parts of canonical base64url (RFC 7515, section 3.1; RFC 4648, section 3.5).</summary>
    Malformed,

    /// <summary>The header is not one of the two that are accepted: another algorithm, another type, or a member more.</summary>
    Header,

    /// <summary>No key of the token's kind made the signature: forged, or signed with another secret.</summary>
    Signature,

    /// <summary>
    /// The claims are no JSON object in UTF-8 (RFC 8259), something stands before or behind it, it is nested too deep or has an unpaired
    /// surrogate, or <c>jti</c> or <c>azp</c> is no text.
    /// </summary>
    MalformedClaims,

    /// <summary>A member stands twice in the claims, or in an object in them.</summary>
    DuplicateClaim,

    /// <summary><c>iss</c> is missing or not exactly the one expected.</summary>
    Issuer,

    /// <summary><c>aud</c> is missing or not exactly the one expected; a list is never.</summary>
    Audience,

    /// <summary><c>sub</c> is missing or no e-mail address.</summary>
    Subject,

    /// <summary><c>iat</c> or <c>exp</c> is missing, or one of them or <c>nbf</c> is no integer from 0 to 253402300799.</summary>
    MalformedDate,

    /// <summary>A session token without a proper <c>sid</c>, or a user token with any.</summary>
    Session,

    /// <summary><c>exp</c> is not after <c>iat</c> and <c>nbf</c>, or further from it than a token of this kind may live.</summary>
    Lifetime,

    /// <summary><c>iat</c> or <c>nbf</c> is more than a minute ahead: a clock is wrong, or the token is not for now.</summary>
    NotYetValid,

    /// <summary><c>exp</c> has come.</summary>
    Expired,
}
