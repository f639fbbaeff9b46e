namespace Orion.Domain.Users;

/// <summary>
/// The e-mail address of a user, in tokens (<c>sub</c>), in requests (<c>userId</c>) and in settings: printable ASCII without spaces, one
/// <c>@</c> with text on both sides, A–Z converted to lower case.
/// </summary>
public sealed record EmailAddress
{
    /// <summary>The longest address, in characters (RFC 5321, section 4.5.3.1.3, without the brackets).</summary>
    public const int MaxLength = 254;

    private EmailAddress(string value) => Value = value;

    /// <summary>The address in lower case.</summary>
    public string Value { get; }

    /// <summary>Parses an address; false if the text is null or not an address.</summary>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out EmailAddress? address)
    {
        address = IsAddress(text) ? new EmailAddress(text!.ToLowerInvariant()) : null;
        return address is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool IsAddress(string? text)
    {
        if (text is null || text.Length > MaxLength || text.AsSpan().ContainsAnyExceptInRange('!', '~')) return false;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at < text.Length - 1 && at == text.LastIndexOf('@');
    }
}
