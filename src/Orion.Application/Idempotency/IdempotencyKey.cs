namespace Orion.Application.Idempotency;

/// <summary>
/// What makes a request a repeat of another one of the same user (draft-ietf-httpapi-idempotency-key-header): the same key on the
/// same method and path.
/// </summary>
/// <param name="Key">The client's key: 1 to <see cref="MaxLength"/> visible ASCII characters.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, in its one spelling.</param>
/// <param name="BodyHash">SHA-256 of the body's bytes: a repeat has the same.</param>
public sealed record IdempotencyKey(string Key, string Method, string Path, byte[] BodyHash)
{
    /// <summary>The longest key, in characters.</summary>
    public const int MaxLength = 255;

    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);
}

/// <summary>What a command wrote, or wrote when it first came.</summary>
/// <param name="Value">What was written, as it was then.</param>
/// <param name="IsReplay">Whether this is the answer to an earlier request.</param>
public sealed record IdempotentResult<T>(T Value, bool IsReplay = false);
