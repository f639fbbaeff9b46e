namespace Orion.Application.Tokens;

/// <summary>The lifetimes of session tokens. They are short, because clients renew them.</summary>
public static class SessionTokenLifetime
{
    /// <summary>The longest <c>exp - iat</c> that is minted and accepted, in seconds.</summary>
    public const int LongestSeconds = 15 * 60;

    /// <inheritdoc cref="LongestSeconds"/>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(LongestSeconds);

    /// <summary>The lifetime if the caller does not specify one.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromMinutes(5);
}
