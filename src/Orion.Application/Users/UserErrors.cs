using Orion.Domain;

namespace Orion.Application.Users;

/// <summary>The expected failures of recognizing a caller.</summary>
public static class UserErrors
{
    /// <summary>The token is genuine and its subject is not on the allow-list.</summary>
    public static Error NotAuthorized { get; } = new(ErrorKind.Forbidden, "not_authorized", "You are not authorized to use this service.");

    /// <summary>The token was issued before its user's tokens were revoked, or its session was closed.</summary>
    public static Error TokenRevoked { get; } = new(ErrorKind.Unauthenticated, "invalid_token", "The token is not accepted.");
}
