using Orion.Domain.Sessions;

namespace Orion.Domain.Replies;

/// <summary>One event of a reply's stream. The events are those of the AI SDK's UI message stream.</summary>
public abstract record ReplyFrame
{
    /// <summary>The first event.</summary>
    /// <param name="MessageId">The ID that the message will have.</param>
    /// <param name="ReplyId">The reply.</param>
    /// <param name="Model">The name of the model.</param>
    public sealed record Start(MessageId MessageId, ReplyId ReplyId, string Model) : ReplyFrame;

    /// <summary>A part begins.</summary>
    /// <param name="Part">The part.</param>
    public sealed record PartStart(ReplyPart Part) : ReplyFrame;

    /// <summary>A part continues.</summary>
    /// <param name="Part">The part.</param>
    /// <param name="Text">The next piece of its text, without unpaired surrogates.</param>
    public sealed record PartDelta(ReplyPart Part, string Text) : ReplyFrame;

    /// <summary>A part ends.</summary>
    /// <param name="Part">The part.</param>
    public sealed record PartEnd(ReplyPart Part) : ReplyFrame;

    /// <summary>The reply is complete.</summary>
    /// <param name="Reason"><see cref="FinishReason.Stop"/> or <see cref="FinishReason.Length"/>.</param>
    public sealed record Finish(FinishReason Reason) : ReplyFrame;

    /// <summary>The model failed.</summary>
    /// <param name="Failure">How.</param>
    public sealed record Error(ModelFailure Failure) : ReplyFrame;

    /// <summary>The reply was stopped or interrupted.</summary>
    /// <param name="Reason"><see cref="FinishReason.Stopped"/> or <see cref="FinishReason.Interrupted"/>.</param>
    public sealed record Abort(FinishReason Reason) : ReplyFrame;
}

/// <summary>A part of a reply: a run of text or of reasoning.</summary>
/// <param name="Number">The position among the parts, starting at 1.</param>
/// <param name="IsReasoning">Whether it is the model's reasoning, which is not part of the message.</param>
public readonly record struct ReplyPart(int Number, bool IsReasoning);
