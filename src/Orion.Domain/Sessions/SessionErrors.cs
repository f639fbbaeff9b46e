namespace Orion.Domain.Sessions;

/// <summary>The expected failures of sessions and messages.</summary>
public static class SessionErrors
{
    /// <summary>There is no such session, or it is someone else's: the two are not told apart.</summary>
    public static Error NotFound { get; } = new(ErrorKind.NotFound, "session_not_found", "There is no such session.");

    /// <summary>The session has no such message.</summary>
    public static Error MessageNotFound { get; } = new(ErrorKind.NotFound, "message_not_found", "There is no such message in this session.");

    /// <summary>An archived session takes no messages.</summary>
    public static Error Archived { get; } = new(ErrorKind.Conflict, "session_archived", "The session is archived. Restore it first.");

    /// <summary>Tokens of the session are refused until an instant that is ahead of the clock, because that was put back.</summary>
    public static Error TokensNotYetValid { get; } = new(
        ErrorKind.Conflict, "conflict", "The service's clock was put back since this session was archived. Archive and restore the session, or try again.")
    {
        RetryAfter = TimeSpan.FromSeconds(60),
    };

    /// <summary>The session is not in the version that the caller asked for.</summary>
    public static Error VersionMismatch { get; } =
        new(ErrorKind.PreconditionFailed, "precondition_failed", "The session has changed since. Read it again, then decide.");

    /// <summary>A text that no database can hold.</summary>
    public static Error NotStorable { get; } = Invalid("The text must not contain NUL or unpaired surrogates.");

    internal static Error Invalid(string message) => new(ErrorKind.Invalid, "validation_failed", message);
}
