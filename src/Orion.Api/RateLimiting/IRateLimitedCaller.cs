using Orion.Domain.Users;

namespace Orion.Api.RateLimiting;

/// <summary>Whose budget a request draws on: a feature of the request, set by who has verified its token.</summary>
internal interface IRateLimitedCaller
{
    /// <summary>The authorized user with a valid token; false where there is none and the client's address counts.</summary>
    /// <param name="user">The user.</param>
    /// <param name="sessionToken">Whether the token is a session token, which draws on a budget of its own.</param>
    bool TryGetUser(out UserId user, out bool sessionToken);
}
