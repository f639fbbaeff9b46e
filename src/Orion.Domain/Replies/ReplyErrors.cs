namespace Orion.Domain.Replies;

/// <summary>The expected failures of replies.</summary>
public static class ReplyErrors
{
    /// <summary>The reply does not exist in this session.</summary>
    public static Error NotFound { get; } = new(ErrorKind.NotFound, "reply_not_found", "There is no such reply in this session.");

    /// <summary>The session has no message of the user to reply to.</summary>
    public static Error NothingToAnswer { get; } = new(
        ErrorKind.Conflict, "nothing_to_answer", "The session does not end with a message of the user. Send the content of one.");

    /// <summary>The user has as many running replies as the settings allow.</summary>
    public static Error TooMany { get; } = new(
        ErrorKind.TooManyRequests, "too_many_replies", "Too many replies are running. Wait for one to end, or stop one.");

    /// <summary>The user has as many open streams as this instance allows.</summary>
    public static Error TooManyStreams { get; } = new(
        ErrorKind.TooManyRequests, "too_many_replies", "Too many streams are open. Close one.");

    /// <summary>No model is configured.</summary>
    public static Error NoModel { get; } = new(ErrorKind.NotImplemented, "no_model", "No model is configured.");

    /// <summary>The session's reply is still running.</summary>
    public static Error InProgress(ReplyId running) => new(
        ErrorKind.Conflict, "reply_in_progress", "A reply of this session is still running. Wait for its end, or stop it.")
    {
        Reply = running,
    };
}
