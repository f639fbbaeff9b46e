namespace Orion.Domain.Sessions;

/// <summary>Whether and when a session expires. One that expires is a temporary session.</summary>
/// <param name="At">The instant after which it is deleted; null for never.</param>
public sealed record SessionExpiry(DateTimeOffset? At)
{
    /// <summary>The longest time until a session expires.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(400);

    /// <summary>The session does not expire.</summary>
    public static SessionExpiry Never { get; } = new((DateTimeOffset?)null);

    /// <summary>Why it cannot be set now; null if it can.</summary>
    /// <param name="now">The current time.</param>
    public Error? Check(DateTimeOffset now) => At is not { } at || (at > now && at - now <= MaxLifetime)
        ? null
        : SessionErrors.Invalid($"It must be in the future, at most {MaxLifetime.TotalDays} days from now.");
}
