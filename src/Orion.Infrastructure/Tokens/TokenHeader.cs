using System.Text.Json;

namespace Orion.Infrastructure.Tokens;

/// <summary>What a header says it is; which keys the signature must be made with follows from it.</summary>
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

    /// <summary>Reads a header; null for anything but <c>alg</c> HS256 with a known <c>typ</c>, each once, and nothing else.</summary>
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
                // Unknown, or a second time. A crit that nobody understood must not pass (RFC 7515, section 4.1.11).
                return null;
            }
        }

        // Reading on finds what stands behind the object.
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
