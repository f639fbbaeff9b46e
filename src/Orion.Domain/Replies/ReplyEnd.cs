namespace Orion.Domain.Replies;

/// <summary>The state of a reply.</summary>
public enum ReplyStatus
{
    /// <summary>The model is writing.</summary>
    Streaming,

    /// <summary>The model finished.</summary>
    Completed,

    /// <summary>The user stopped it, or lost access.</summary>
    Stopped,

    /// <summary>The model failed.</summary>
    Failed,

    /// <summary>The process that streamed it ended.</summary>
    Interrupted,
}

/// <summary>Why a reply ended.</summary>
public enum FinishReason
{
    /// <summary>The model finished.</summary>
    Stop,

    /// <summary>The text reached the limit of the model, or <see cref="Sessions.MessageContent.MaxLength"/>.</summary>
    Length,

    /// <summary>See <see cref="ReplyStatus.Stopped"/>.</summary>
    Stopped,

    /// <summary>See <see cref="ReplyStatus.Failed"/>.</summary>
    Error,

    /// <summary>See <see cref="ReplyStatus.Interrupted"/>.</summary>
    Interrupted,
}

/// <summary>How the model failed.</summary>
public enum ModelFailure
{
    /// <summary>The provider rejected the request: 3xx, or 4xx other than 408 and 429.</summary>
    Refused,

    /// <summary>The provider is busy: 429.</summary>
    Busy,

    /// <summary>The model was silent for too long, or the reply took too long.</summary>
    Timeout,

    /// <summary>Every other failure: unreachable, 5xx, an incomplete or invalid stream.</summary>
    Unavailable,
}

/// <summary>The tokens that the provider counted.</summary>
/// <param name="InputTokens">The tokens of the request.</param>
/// <param name="OutputTokens">The tokens of the reply.</param>
public sealed record TokenUsage(long InputTokens, long OutputTokens);

/// <summary>How a reply ends.</summary>
public sealed record ReplyEnd
{
    private ReplyEnd(ReplyStatus status, FinishReason reason) => (Status, Reason) = (status, reason);

    /// <summary>The user stopped it, or lost access.</summary>
    public static ReplyEnd Stopped { get; } = new(ReplyStatus.Stopped, FinishReason.Stopped);

    /// <summary>The process that streamed it ended.</summary>
    public static ReplyEnd Interrupted { get; } = new(ReplyStatus.Interrupted, FinishReason.Interrupted);

    /// <summary>The final status.</summary>
    public ReplyStatus Status { get; }

    /// <summary>Why it ended.</summary>
    public FinishReason Reason { get; }

    /// <summary>How the model failed; null if it did not.</summary>
    public ModelFailure? Failure { get; private init; }

    /// <summary>The tokens that the provider counted; null if unknown.</summary>
    public TokenUsage? Usage { get; private init; }

    /// <summary>The model finished.</summary>
    /// <param name="isTruncated">Whether the text reached a limit.</param>
    /// <param name="usage">The tokens that the provider counted; null if unknown.</param>
    public static ReplyEnd Completed(bool isTruncated, TokenUsage? usage = null) =>
        new(ReplyStatus.Completed, isTruncated ? FinishReason.Length : FinishReason.Stop) { Usage = usage };

    /// <summary>The model failed.</summary>
    public static ReplyEnd Failed(ModelFailure failure) => new(ReplyStatus.Failed, FinishReason.Error) { Failure = failure };
}
