using System.Text.Json;
using Orion.Domain.Sessions;
using Orion.Domain.Text;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Tokens;

/// <summary>Reads the claims that Orion uses (RFC 7519, section 4.1), each by its type, and ignores the others.</summary>
internal struct TokenClaims(TokenSettings settings, TokenKind kind)
{
    // The last second of the year 9999, which is the last of DateTimeOffset.
    private const long LastSecond = 253_402_300_799;

    // The claims object is the first level.
    private const int MaxDepth = 60;

    // The digits of a time in milliseconds since 1970, from the year 2001 to 2286.
    private const int MillisecondDigits = 13;

    private bool _hasIssuer;
    private bool _hasAudience;

    internal EmailAddress? Subject { get; private set; }

    internal SessionId? Session { get; private set; }

    internal DateTimeOffset? IssuedAt { get; private set; }

    internal DateTimeOffset? ExpiresAt { get; private set; }

    internal DateTimeOffset? NotBefore { get; private set; }

    /// <summary>The name of the first date that is in milliseconds, for the operator; null if there is none.</summary>
    internal string? InMilliseconds { get; private set; }

    /// <summary>Reads a claims object and adds the findings.</summary>
    internal void Read(ReadOnlySpan<byte> json, ref TokenFindings findings)
    {
        if (!StrictJson.MayBeObject(json) || TextRules.IndexOfUnpairedEscape(json) >= 0)
        {
            findings.End(TokenRejection.MalformedClaims);
            return;
        }

        try
        {
            if (!ReadObject(json, ref findings)) return;
        }
        catch (Exception exception) when (StrictJson.IsMalformed(exception))
        {
            findings.End(TokenRejection.MalformedClaims);
            return;
        }

        FindMissing(ref findings);
    }

    // Returns false if a finding ends the examination.
    private bool ReadObject(ReadOnlySpan<byte> json, ref TokenFindings findings)
    {
        var names = new OpenMemberNames(
            stackalloc byte[json.Length],
            stackalloc OpenMemberNames.Name[OpenMemberNames.MaxNames(json.Length)]);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });

        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndObject) names.Close(in reader);
            if (reader.TokenType is not JsonTokenType.PropertyName) continue;

            // Parsers differ in which of the two they use.
            if (!names.TryAdd(in reader, out var name))
            {
                findings.End(TokenRejection.DuplicateClaim);
                return false;
            }

            if (reader.CurrentDepth > 1) continue;

            reader.Read();
            if (ReadClaim(name, in reader) is { } rejection && findings.Add(rejection)) return false;
        }

        return true;
    }

    private TokenRejection? ReadClaim(ReadOnlySpan<byte> name, in Utf8JsonReader value)
    {
        if (name.SequenceEqual("iss"u8)) return (_hasIssuer = Is(settings.Issuer, in value)) ? null : TokenRejection.Issuer;
        if (name.SequenceEqual("aud"u8)) return (_hasAudience = Is(settings.Audience, in value)) ? null : TokenRejection.Audience;
        if (name.SequenceEqual("sub"u8)) return (Subject = ReadSubject(in value)) is null ? TokenRejection.Subject : null;
        if (name.SequenceEqual("sid"u8)) return (Session = ReadSession(in value)) is null ? TokenRejection.Session : null;
        if (name.SequenceEqual("iat"u8)) return (IssuedAt = ReadInstant("iat", in value)) is null ? TokenRejection.MalformedDate : null;
        if (name.SequenceEqual("exp"u8)) return (ExpiresAt = ReadInstant("exp", in value)) is null ? TokenRejection.MalformedDate : null;
        if (name.SequenceEqual("nbf"u8)) return (NotBefore = ReadInstant("nbf", in value)) is null ? TokenRejection.MalformedDate : null;
        // Strings by definition (RFC 7519, section 4.1.7; OpenID Connect Core, section 2), although Orion does not use them.
        if (name.SequenceEqual("jti"u8) || name.SequenceEqual("azp"u8))
            return value.TokenType is JsonTokenType.String ? null : TokenRejection.MalformedClaims;
        return null;
    }

    private readonly void FindMissing(ref TokenFindings findings)
    {
        if (!_hasIssuer && findings.Add(TokenRejection.Issuer)) return;
        if (!_hasAudience && findings.Add(TokenRejection.Audience)) return;
        if (Subject is null && findings.Add(TokenRejection.Subject)) return;
        if ((IssuedAt is null || ExpiresAt is null) && findings.Add(TokenRejection.MalformedDate)) return;
        if (kind is TokenKind.Session && Session is null) findings.Add(TokenRejection.Session);
    }

    private static bool Is(string expected, in Utf8JsonReader value) =>
        value.TokenType is JsonTokenType.String && value.ValueTextEquals(expected);

    private static EmailAddress? ReadSubject(in Utf8JsonReader value) =>
        value.TokenType is JsonTokenType.String && EmailAddress.TryParse(value.GetString(), out var subject) ? subject : null;

    // A user token with a sid, even null, is rejected: its issuer meant to limit it to one session.
    private readonly SessionId? ReadSession(in Utf8JsonReader value) =>
        kind is TokenKind.Session && value.TokenType is JsonTokenType.String ? SessionId.Parse(value.GetString()) : null;

    // Only digits: the reader also accepts -0 as an integer.
    private DateTimeOffset? ReadInstant(string name, in Utf8JsonReader value)
    {
        if (value.TokenType is not JsonTokenType.Number || value.ValueSpan.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return null;
        if (value.TryGetInt64(out var seconds) && seconds <= LastSecond) return DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (value.ValueSpan.Length == MillisecondDigits) InMilliseconds ??= name;
        return null;
    }
}
