using System.Text.Json.Serialization;

namespace Orion.Api.Errors;

/// <summary>A problem (RFC 9457).</summary>
/// <param name="Type">Always <c>about:blank</c>: <c>status</c> and <c>error</c> identify the problem.</param>
/// <param name="Title">The reason phrase of the status.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong and, if possible, what to do.</param>
/// <param name="Instance">The path of the request.</param>
/// <param name="Error">A stable code.</param>
/// <param name="RequestId">The <c>X-Request-Id</c> of the response. The operator can find the request in the log by it.</param>
/// <param name="Errors">The error messages of each invalid member.</param>
/// <param name="RetryAfterSeconds">The time to wait before the next attempt, in seconds, if another attempt can help.</param>
/// <param name="ReplyId">The running reply, for <c>reply_in_progress</c>.</param>
internal sealed record ProblemBody(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Instance,
    string Error,
    string RequestId,
    [property: JsonPropertyOrder(1)] IReadOnlyDictionary<string, string[]>? Errors,
    [property: JsonPropertyOrder(2)] int? RetryAfterSeconds,
    [property: JsonPropertyOrder(3)] Guid? ReplyId);
