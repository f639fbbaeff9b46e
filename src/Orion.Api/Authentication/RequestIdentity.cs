using Orion.Api.RateLimiting;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Api.Authentication;

/// <summary>What a request's token says of who sent it.</summary>
internal sealed class RequestIdentity : IRateLimitedCaller
{
    /// <summary>Why a token does not count that the verifier has nothing against: its user has revoked it.</summary>
    internal const string Revoked = "Revoked";

    /// <summary>Why a request does not count that has no token.</summary>
    internal const string Missing = "Missing";

    /// <summary>The recognized caller; null where the token is missing, not accepted, or someone's who is not authorized.</summary>
    internal Caller? Caller { get; init; }

    /// <summary>Whose genuine token it is that is not authorized; null otherwise.</summary>
    internal EmailAddress? Unauthorized { get; init; }

    /// <summary>Why the token is not accepted, for the log; null where there is none, or a good one.</summary>
    internal string? Rejection { get; init; }

    /// <summary>Somebody whose genuine token does not count (any more).</summary>
    internal static RequestIdentity Refused(Error error, EmailAddress subject) => error.Kind == ErrorKind.Unauthenticated
        ? new RequestIdentity { Rejection = Revoked }
        : new RequestIdentity { Unauthorized = subject };

    /// <inheritdoc/>
    public bool TryGetUser(out UserId user, out bool sessionToken)
    {
        user = Caller?.Id ?? default;
        sessionToken = Caller?.Scope is not null;
        return Caller is not null;
    }
}

/// <summary>Finds the identity that <see cref="CallerMiddleware"/> has left on a request.</summary>
internal static class RequestIdentities
{
    internal static RequestIdentity? Identity(this HttpContext http) => http.Features.Get<RequestIdentity>();

    /// <summary>On whose behalf an authorized request runs.</summary>
    /// <exception cref="InvalidOperationException">The request was not authorized, and should not have come here.</exception>
    internal static Caller Caller(this HttpContext http) =>
        http.Identity()?.Caller ?? throw new InvalidOperationException("A handler ran for a request without a caller.");
}
