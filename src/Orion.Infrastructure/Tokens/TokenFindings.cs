namespace Orion.Infrastructure.Tokens;

/// <summary>
/// The findings about a token: only the first one, or all of them. They are stored as one bit for each <see cref="TokenRejection"/>, so
/// that verifying allocates nothing.
/// </summary>
internal struct TokenFindings(bool collectAll)
{
    private uint _found;

    /// <summary>The first finding; null if there is none.</summary>
    internal TokenRejection? First { get; private set; }

    /// <summary>The last check that was made: the one that ended the examination, or the last of all.</summary>
    internal TokenRejection Last { get; private set; } = TokenRejection.Expired;

    /// <summary>Whether the examination has ended early.</summary>
    internal bool HasEnded { get; private set; }

    /// <summary>Whether a check failed.</summary>
    internal readonly bool Has(TokenRejection rejection) => (_found & (1u << (int)rejection)) != 0;

    /// <summary>Adds a finding.</summary>
    /// <returns>Whether it ends the examination.</returns>
    internal bool Add(TokenRejection rejection)
    {
        First ??= rejection;
        _found |= 1u << (int)rejection;
        if (!collectAll) HasEnded = true;
        return HasEnded;
    }

    /// <summary>Adds a finding that ends the examination in any case.</summary>
    internal VerifiedToken? End(TokenRejection rejection)
    {
        Add(rejection);
        Last = rejection;
        HasEnded = true;
        return null;
    }
}
