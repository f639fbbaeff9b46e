using Orion.Application.Messaging;

namespace Orion.Application.Replies;

/// <summary>Watches whether callers keep their access while they are served for long.</summary>
public interface ICallerAccessWatch
{
    /// <summary>Watches a caller until the result is disposed.</summary>
    IWatchedCaller Watch(Caller caller);

    /// <summary>Decides on the database whether the caller's tokens have been revoked, or the user was taken off the allow-list.</summary>
    /// <returns>True also if that cannot be decided.</returns>
    Task<bool> IsRevoked(Caller caller, CancellationToken cancellationToken);
}

/// <summary>A caller whose access is watched.</summary>
public interface IWatchedCaller : IDisposable
{
    /// <summary>
    /// Is cancelled within 5 s after the caller's tokens are revoked, the user is taken off the allow-list, or the session of a session token
    /// is closed. The expiry of the token does not cancel it.
    /// </summary>
    CancellationToken Revoked { get; }
}
