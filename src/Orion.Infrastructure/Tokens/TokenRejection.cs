namespace Orion.Infrastructure.Tokens;

/// <summary>Why a token is rejected: the first finding. For the log only; responses do not reveal which check failed.</summary>
public enum TokenRejection
{
    /// <summary>It is longer than <see cref="JwtVerifier.MaxLength"/>.</summary>
    TooLong,

    /// <summary>It is not three parts of canonical base64url (RFC 7515, section 3.1; RFC 4648, section 3.5).</summary>
    Malformed,

    /// <summary>The header is not one of the accepted two: another algorithm, another type, or an additional member.</summary>
    Header,

    /// <summary>No key of the token's kind verifies the signature: the token is forged, or signed with another secret.</summary>
    Signature,

    /// <summary>
    /// The claims are not a JSON object in UTF-8 (RFC 8259), there is data before or after it, it is nested too deep or has an unpaired
    /// surrogate, or <c>jti</c> or <c>azp</c> is not a string.
    /// </summary>
    MalformedClaims,

    /// <summary>The claims, or an object in them, have a duplicate member.</summary>
    DuplicateClaim,

    /// <summary><c>iss</c> is missing or not exactly the expected one.</summary>
    Issuer,

    /// <summary><c>aud</c> is missing or not exactly the expected one. A list is not accepted.</summary>
    Audience,

    /// <summary><c>sub</c> is missing or not an e-mail address.</summary>
    Subject,

    /// <summary><c>iat</c> or <c>exp</c> is missing, or one of them or <c>nbf</c> is not an integer from 0 to 253402300799.</summary>
    MalformedDate,

    /// <summary>A session token has no valid <c>sid</c>, or a user token has one.</summary>
    Session,

    /// <summary><c>exp</c> is not after <c>iat</c> and <c>nbf</c>, or the lifetime is longer than this kind of token may have.</summary>
    Lifetime,

    /// <summary><c>iat</c> or <c>nbf</c> is more than a minute ahead: a clock is wrong, or the token is not valid yet.</summary>
    NotYetValid,

    /// <summary><c>exp</c> has passed.</summary>
    Expired,
}
