using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Idempotency;

/// <summary>A command that a client can send again without executing it twice.</summary>
/// <typeparam name="T">The result's value.</typeparam>
public interface IIdempotentCommand<T> : ICommand<IdempotentResult<T>>
    where T : class
{
    /// <summary>The client's key; null if it sent none. Each request without a key is executed.</summary>
    IdempotencyKey? IdempotencyKey { get; }

    /// <summary>The session that the request names; null for a command that creates one.</summary>
    SessionId? NamedSession { get; }

    /// <summary>The session of a result. The stored result is deleted with the session.</summary>
    static abstract SessionId SessionOf(T result);
}

/// <summary>
/// Identifies a request among those of one user: two requests with the same key, method and path are the same request
/// (draft-ietf-httpapi-idempotency-key-header).
/// </summary>
/// <param name="Key">The client's key: 1 to <see cref="MaxLength"/> visible ASCII characters.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, with ids in lower case.</param>
/// <param name="BodyHash">SHA-256 of the body's bytes. A repeated request has the same hash.</param>
public sealed record IdempotencyKey(string Key, string Method, string Path, byte[] BodyHash)
{
    /// <summary>The longest key, in characters.</summary>
    public const int MaxLength = 255;

    /// <summary>How long a result is stored.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);
}

/// <summary>The result of a command, or the stored result of its first execution.</summary>
/// <param name="Value">The value as it was when the command was executed.</param>
/// <param name="IsReplay">Whether this is a stored result.</param>
public sealed record IdempotentResult<T>(T Value, bool IsReplay = false);
