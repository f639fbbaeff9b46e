using Orion.Domain.Replies;

namespace Orion.Domain;

/// <summary>The kind of an <see cref="Error"/>. The API maps each kind to one status.</summary>
public enum ErrorKind
{
    /// <summary>The request is invalid (400).</summary>
    Invalid,

    /// <summary>The caller's token is not accepted (401).</summary>
    Unauthenticated,

    /// <summary>The caller does not have access (403).</summary>
    Forbidden,

    /// <summary>The resource does not exist, or belongs to another owner (404).</summary>
    NotFound,

    /// <summary>The state of the resource does not allow the request (409).</summary>
    Conflict,

    /// <summary>The resource does not have an expected version (412).</summary>
    PreconditionFailed,

    /// <summary>The request would process too much data (413).</summary>
    TooLarge,

    /// <summary>The request is well-formed, but contradicts an earlier one (422).</summary>
    Unprocessable,

    /// <summary>The caller uses as much as it may (429).</summary>
    TooManyRequests,

    /// <summary>This deployment does not offer the operation (501).</summary>
    NotImplemented,
}

/// <summary>An expected failure, as a value.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Code">A stable code in snake_case for clients.</param>
/// <param name="Message">A sentence for people. It never contains an exception's message.</param>
public sealed record Error(ErrorKind Kind, string Code, string Message)
{
    /// <summary>When to retry; null if a retry does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The messages for each invalid member, by its name.</summary>
    public IReadOnlyDictionary<string, string[]>? Members { get; init; }

    /// <summary>The reply that prevents the request; null if none does.</summary>
    public ReplyId? Reply { get; init; }
}
