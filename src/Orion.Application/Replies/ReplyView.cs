using System.Text.Json.Serialization;
using Orion.Domain.Replies;

namespace Orion.Application.Replies;

/// <summary>A reply.</summary>
/// <param name="ReplyId">The id of the reply.</param>
/// <param name="SessionId">The id of its session.</param>
/// <param name="Status"><c>streaming</c>, <c>completed</c>, <c>stopped</c>, <c>failed</c> or <c>interrupted</c>.</param>
/// <param name="MessageId">The id of its message, which exists once the reply has ended with text.</param>
/// <param name="Model">The name of the model.</param>
/// <param name="Text">The text so far.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="FinishedAt">When it ended. Absent while it is streaming.</param>
/// <param name="FinishReason"><c>stop</c>, <c>length</c>, <c>stopped</c>, <c>error</c> or <c>interrupted</c>. Absent while it is streaming.</param>
/// <param name="Error">How the model failed: <c>model_refused</c>, <c>model_busy</c>, <c>model_timeout</c> or <c>model_unavailable</c>.</param>
public sealed record ReplyView(
    Guid ReplyId,
    Guid SessionId,
    string Status,
    Guid MessageId,
    string Model,
    string Text,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt,
    string? FinishReason,
    string? Error)
{
    /// <summary>Shows a reply.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="text">Its text so far.</param>
    public static ReplyView From(Reply reply, string text) => new(
        reply.Id.Value,
        reply.SessionId.Value,
        reply.Status.ToName(),
        reply.MessageId.Value,
        reply.Model,
        text,
        reply.CreatedAt,
        reply.FinishedAt,
        reply.FinishReason?.ToName(),
        reply.Failure?.ToName());

    /// <summary>Whether the model is writing.</summary>
    [JsonIgnore]
    public bool IsStreaming => Status == ReplyNames.Streaming;
}

/// <summary>The names of the values of replies in the API and in the database.</summary>
public static class ReplyNames
{
    /// <summary>The name of <see cref="ReplyStatus.Streaming"/>.</summary>
    public const string Streaming = "streaming";

    /// <summary>The name of a status.</summary>
    public static string ToName(this ReplyStatus status) => status switch
    {
        ReplyStatus.Streaming => Streaming,
        ReplyStatus.Completed => "completed",
        ReplyStatus.Stopped => "stopped",
        ReplyStatus.Failed => "failed",
        _ => "interrupted",
    };

    /// <summary>The name of a reason.</summary>
    public static string ToName(this FinishReason reason) => reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.Stopped => "stopped",
        FinishReason.Error => "error",
        _ => "interrupted",
    };

    /// <summary>The name of a failure.</summary>
    public static string ToName(this ModelFailure failure) => failure switch
    {
        ModelFailure.Refused => "model_refused",
        ModelFailure.Busy => "model_busy",
        ModelFailure.Timeout => "model_timeout",
        _ => "model_unavailable",
    };

    /// <summary>What a user is told about a failure.</summary>
    public static string ToText(this ModelFailure failure) => failure switch
    {
        ModelFailure.Refused => "The model rejected the request. The operator finds the reason in the log.",
        ModelFailure.Busy => "The model is busy. Try again later.",
        ModelFailure.Timeout => "The model took too long. Try again.",
        _ => "The model is unavailable. Try again later.",
    };
}
