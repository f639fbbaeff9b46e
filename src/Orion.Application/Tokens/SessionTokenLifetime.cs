namespace Orion.Application.Tokens;

/// <summary>The lifetimes of session tokens. They are short, because clients renew them.</summary>
public static class SessionTokenLifetime
{
    /// <summary>The longest <c>exp - iat</c> that is minted and accepted, in seconds.</summary>
    public const int MaxSeconds = 15 * 60;

    /// <inheritdoc cref="MaxSeconds"/>
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(MaxSeconds);

    /// <summary>The lifetime if the caller does not specify one.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromMinutes(5);
}
