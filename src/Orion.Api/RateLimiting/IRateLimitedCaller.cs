using Orion.Domain.Users;

namespace Orion.Api.RateLimiting;

/// <summary>The caller whose rate limit a request counts against. A feature of the request; authentication sets it.</summary>
internal interface IRateLimitedCaller
{
    /// <summary>Returns the authorized user. If it returns false, the request counts against its client address.</summary>
    /// <param name="user">The user.</param>
    /// <param name="sessionToken">Whether the token is a session token. Session tokens have a separate rate limit.</param>
    bool TryGetUser(out UserId user, out bool sessionToken);
}
