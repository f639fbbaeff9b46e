namespace Orion.Application.Retention;

/// <summary>The time by which sessions are due. A deletion cannot be undone, so a clock that is ahead must not cause one.</summary>
public interface IRetentionClock
{
    /// <summary>The time of this process or of the database server, whichever is earlier.</summary>
    Task<DateTimeOffset> GetUtcInstant(CancellationToken cancellationToken);
}
