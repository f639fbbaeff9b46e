namespace Orion.Application.Tokens;

/// <summary>How long a session token may live: it is made to be renewed, not kept.</summary>
public static class SessionTokenLifetime
{
    /// <summary>The longest <c>exp - iat</c> that is minted and accepted, in seconds.</summary>
    public const int LongestSeconds = 15 * 60;

    /// <inheritdoc cref="LongestSeconds"/>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(LongestSeconds);

    /// <summary>The lifetime where the caller names none.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromMinutes(5);
}
