using Orion.Domain;

namespace Orion.Application.Idempotency;

/// <summary>The expected failures of repeated requests.</summary>
public static class IdempotencyErrors
{
    /// <summary>The key was used for another body.</summary>
    public static Error Mismatch { get; } = new(
        ErrorKind.Unprocessable, "idempotency_mismatch", "This Idempotency-Key was used for another body. A new request needs a new key.");

    /// <summary>The first request with the key is still running.</summary>
    public static Error Busy { get; } = new(
        ErrorKind.Conflict, "conflict", "The first request with this Idempotency-Key is still running. Try again.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };
}
