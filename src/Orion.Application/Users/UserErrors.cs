using System.Globalization;
using Orion.Domain;

namespace Orion.Application.Users;

/// <summary>The errors of authenticating a caller and of managing the allow-list.</summary>
public static class UserErrors
{
    /// <summary>The token is valid, but its subject is not on the allow-list.</summary>
    public static Error NotAuthorized { get; } = new(ErrorKind.Forbidden, "not_authorized", "You are not authorized to use this service.");

    /// <summary>The token was issued before its user's tokens were revoked, or its session was closed.</summary>
    public static Error TokenRevoked { get; } = new(ErrorKind.Unauthenticated, "invalid_token", "The token is not accepted.");

    /// <summary>The user's tokens are rejected until an instant further ahead than <see cref="Concurrency.TimeProviderExtensions.MaxWait"/>.</summary>
    public static Error TokensNotYetValid(DateTimeOffset validFrom) => new(
        ErrorKind.Conflict,
        "tokens_not_yet_valid",
        string.Create(CultureInfo.InvariantCulture, $"Tokens minted before {validFrom:yyyy-MM-dd'T'HH:mm:ss'Z'} are rejected, and that is ahead of ")
        + "this machine's clock: either the clock is slow, or it was fast when the tokens were revoked.");

    /// <summary>The address is not on the allow-list.</summary>
    public static Error Unknown { get; } = new(ErrorKind.NotFound, "user_not_found", "This address is not on the allow-list.");

    /// <summary>The address never was on the allow-list.</summary>
    public static Error NeverKnown { get; } = new(ErrorKind.NotFound, "user_not_found", "This address is not and never was on the allow-list.");

    /// <summary>The configured owner cannot be removed from the allow-list.</summary>
    public static Error IsOwner { get; } = new(
        ErrorKind.Conflict, "user_is_owner", "The settings define the owner: change AUTHORIZED_USER_EMAIL there and restart the service.");
}
