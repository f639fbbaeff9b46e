using System.Text.Json;

namespace Orion.Infrastructure.Tokens;

/// <summary>The kind of a token according to its header. It decides which keys verify the signature.</summary>
internal enum TokenKind
{
    /// <summary><c>typ</c> is absent or <c>JWT</c>.</summary>
    User,

    /// <summary><c>typ</c> is <see cref="TokenHeader.SessionType"/>.</summary>
    Session,
}

/// <summary>The two headers that are accepted (RFC 7515, section 4; RFC 8725, section 3.11).</summary>
internal static class TokenHeader
{
    /// <summary>The <c>typ</c> of a user token.</summary>
    internal const string UserType = "JWT";

    /// <summary>The <c>typ</c> of a session token.</summary>
    internal const string SessionType = "orion-session+jwt";

    /// <summary>Reads a header; null unless it has <c>alg</c> HS256, at most one known <c>typ</c>, and nothing else.</summary>
    internal static TokenKind? Read(ReadOnlySpan<byte> json)
    {
        if (!StrictJson.MayBeObject(json)) return null;
        try
        {
            return ReadMembers(json);
        }
        catch (Exception exception) when (StrictJson.IsMalformed(exception))
        {
            return null;
        }
    }

    private static TokenKind? ReadMembers(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var hasAlgorithm = false;
        TokenKind? kind = null;

        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (!hasAlgorithm && reader.ValueTextEquals("alg"u8))
            {
                if (!ReadsString(ref reader, "HS256")) return null;
                hasAlgorithm = true;
            }
            else if (kind is null && reader.ValueTextEquals("typ"u8))
            {
                reader.Read();
                kind = KindOf(in reader);
                if (kind is null) return null;
            }
            else
            {
                // Unknown or a duplicate. A crit that is not understood must be rejected (RFC 7515, section 4.1.11).
                return null;
            }
        }

        // Another read detects data after the object.
        return reader.Read() || !hasAlgorithm ? null : kind ?? TokenKind.User;
    }

    private static bool ReadsString(ref Utf8JsonReader reader, string expected) =>
        reader.Read() && reader.TokenType is JsonTokenType.String && reader.ValueTextEquals(expected);

    private static TokenKind? KindOf(in Utf8JsonReader reader)
    {
        if (reader.TokenType is not JsonTokenType.String) return null;
        if (reader.ValueTextEquals(UserType)) return TokenKind.User;
        return reader.ValueTextEquals(SessionType) ? TokenKind.Session : null;
    }
}
