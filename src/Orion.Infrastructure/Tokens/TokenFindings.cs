namespace Orion.Infrastructure.Tokens;

/// <summary>
/// What was found wrong with a token under examination: the first thing alone, where that decides, or everything. A bit for each
/// <see cref="TokenRejection"/>, so that verifying allocates nothing.
/// </summary>
internal struct TokenFindings(bool gathersAll)
{
    private uint _found;
    private bool _ended;

    /// <summary>The first thing that was found; null while nothing was.</summary>
    internal TokenRejection? First { get; private set; }

    /// <summary>The last check that was made, where the examination could not go on behind it; else the last of all.</summary>
    internal TokenRejection Last { get; private set; } = TokenRejection.Expired;

    /// <summary>Whether the examination goes on.</summary>
    internal readonly bool GoesOn => !_ended;

    /// <summary>Whether a check found something.</summary>
    internal readonly bool Has(TokenRejection rejection) => (_found & (1u << (int)rejection)) != 0;

    /// <summary>Notes a finding.</summary>
    /// <returns>Whether the examination ends with it.</returns>
    internal bool Add(TokenRejection rejection)
    {
        First ??= rejection;
        _found |= 1u << (int)rejection;
        if (!gathersAll) _ended = true;
        return _ended;
    }

    /// <summary>Notes a finding behind which there is nothing to examine.</summary>
    internal VerifiedToken? End(TokenRejection rejection)
    {
        Add(rejection);
        Last = rejection;
        _ended = true;
        return null;
    }
}
