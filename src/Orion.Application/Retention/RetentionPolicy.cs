namespace Orion.Application.Retention;

/// <summary>How long sessions are kept.</summary>
/// <param name="MaxAge">How long a session is kept that does not change; null for ever. Temporary sessions expire in any case.</param>
public sealed record RetentionPolicy(TimeSpan? MaxAge)
{
    /// <summary>The same in days; 0 for ever.</summary>
    public int Days => (int)(MaxAge?.TotalDays ?? 0);

    /// <summary>The sessions that are due at this time.</summary>
    public RetentionCutoff At(DateTimeOffset now) => new(now, now - MaxAge);
}

/// <summary>Which sessions are due. Archived sessions are no exception.</summary>
/// <param name="ExpiredAt">Those that expire at this time or earlier.</param>
/// <param name="UnchangedSince">Those whose last change was before this time; null for none of them.</param>
public sealed record RetentionCutoff(DateTimeOffset ExpiredAt, DateTimeOffset? UnchangedSince);

/// <summary>A number of sessions that are due, or were deleted.</summary>
/// <param name="Expired">The temporary sessions that have expired.</param>
/// <param name="Unchanged">The others, which have not changed for too long.</param>
/// <param name="Messages">The messages of all of them.</param>
public sealed record DueSessions(int Expired, int Unchanged, long Messages)
{
    /// <summary>No sessions.</summary>
    public static DueSessions None { get; } = new(0, 0, 0);

    /// <summary>The number of sessions.</summary>
    public int Count => Expired + Unchanged;

    /// <summary>Adds two numbers.</summary>
    public static DueSessions operator +(DueSessions left, DueSessions right) =>
        new(left.Expired + right.Expired, left.Unchanged + right.Unchanged, left.Messages + right.Messages);
}
