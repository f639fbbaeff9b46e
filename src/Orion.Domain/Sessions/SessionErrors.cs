namespace Orion.Domain.Sessions;

/// <summary>The expected failures of sessions and messages.</summary>
public static class SessionErrors
{
    /// <summary>The session does not exist, or belongs to another owner. The two are indistinguishable.</summary>
    public static Error NotFound { get; } = new(ErrorKind.NotFound, "session_not_found", "There is no such session.");

    /// <summary>The message does not exist in this session.</summary>
    public static Error MessageNotFound { get; } = new(ErrorKind.NotFound, "message_not_found", "There is no such message in this session.");

    /// <summary>An archived session accepts no messages.</summary>
    public static Error Archived { get; } = new(ErrorKind.Conflict, "session_archived", "The session is archived. Restore it first.");

    /// <summary>The clock was set back: until it has caught up, tokens of the session are rejected.</summary>
    public static Error TokensNotYetValid { get; } = new(
        ErrorKind.Conflict, "conflict", "The service's clock was put back since this session was archived. Archive and restore the session, or try again.")
    {
        RetryAfter = TimeSpan.FromSeconds(60),
    };

    /// <summary>The fork would copy too much.</summary>
    public static Error TooLargeToFork { get; } = new(
        ErrorKind.TooLarge,
        "payload_too_large",
        $"A fork copies at most {Session.MaxForkMessages} messages with {Session.MaxForkBytes / (1024 * 1024)} MiB together. Choose a smaller throughSequence.");

    /// <summary>The session does not have an expected version.</summary>
    public static Error VersionMismatch { get; } =
        new(ErrorKind.PreconditionFailed, "precondition_failed", "The session has changed since. Read it again, then decide.");

    /// <summary>A text that the databases cannot store.</summary>
    public static Error NotStorable { get; } = Invalid("The text must not contain NUL or unpaired surrogates.");

    internal static Error Invalid(string message) => new(ErrorKind.Invalid, "validation_failed", message);
}
