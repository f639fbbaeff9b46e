using Orion.Api.RateLimiting;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Api.Authentication;

/// <summary>The result of authenticating a request: the caller, or the reason for the rejection.</summary>
internal sealed class RequestIdentity : IRateLimitedCaller
{
    /// <summary>The reason for a valid token that was revoked, or whose session is closed.</summary>
    internal const string Revoked = "Revoked";

    /// <summary>The reason for a request without a token.</summary>
    internal const string Missing = "Missing";

    /// <summary>The caller; null if the token is missing or rejected, or its subject is not authorized.</summary>
    internal Caller? Caller { get; init; }

    /// <summary>The subject of a valid token, if it is not on the allow-list.</summary>
    internal EmailAddress? NotAuthorized { get; init; }

    /// <summary>Why the token is rejected, for the log; null if it is missing or valid.</summary>
    internal string? Rejection { get; init; }

    /// <summary>The result for a valid token that <see cref="Application.Users.AuthenticateCaller"/> or a later check rejects.</summary>
    internal static RequestIdentity Rejected(Error error, EmailAddress subject) => error.Kind == ErrorKind.Unauthenticated
        ? new RequestIdentity { Rejection = Revoked }
        : new RequestIdentity { NotAuthorized = subject };

    /// <inheritdoc/>
    public bool TryGetUser(out UserId user, out bool sessionToken)
    {
        user = Caller?.Id ?? default;
        sessionToken = Caller?.Scope is not null;
        return Caller is not null;
    }
}

/// <summary>Finds what <see cref="CallerMiddleware"/> has set on a request.</summary>
internal static class RequestIdentities
{
    internal static RequestIdentity? Identity(this HttpContext http) => http.Features.Get<RequestIdentity>();

    /// <summary>The caller of an authorized request.</summary>
    /// <exception cref="InvalidOperationException">The request was not authorized.</exception>
    internal static Caller Caller(this HttpContext http) =>
        http.Identity()?.Caller ?? throw new InvalidOperationException("A handler ran for a request without a caller.");
}
