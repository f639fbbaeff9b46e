namespace Orion.Domain;

/// <summary>What sort of refusal an <see cref="Error"/> is; the API maps each kind to one status.</summary>
public enum ErrorKind
{
    /// <summary>The request itself is wrong (400).</summary>
    Invalid,

    /// <summary>The caller's token does not count (401).</summary>
    Unauthenticated,

    /// <summary>The caller is known and may not (403).</summary>
    Forbidden,

    /// <summary>There is no such thing, or it is not the caller's (404).</summary>
    NotFound,

    /// <summary>The state of the thing does not allow it now (409).</summary>
    Conflict,

    /// <summary>The thing is not in the version that the caller asked for (412).</summary>
    PreconditionFailed,

    /// <summary>Well-formed, and contradicts what was asked before (422).</summary>
    Unprocessable,
}

/// <summary>An expected failure, as a value.</summary>
/// <param name="Kind">The sort of refusal.</param>
/// <param name="Code">A stable snake_case code that clients may rely on.</param>
/// <param name="Message">One sentence for a person; Orion's own words, never an exception's.</param>
public sealed record Error(ErrorKind Kind, string Code, string Message)
{
    /// <summary>When to try again; null where that does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>For a request whose members are wrong: the messages for each member, by the member's name.</summary>
    public IReadOnlyDictionary<string, string[]>? Members { get; init; }
}
