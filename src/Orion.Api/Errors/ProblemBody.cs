using System.Text.Json.Serialization;

namespace Orion.Api.Errors;

/// <summary>A refusal as clients see it (RFC 9457).</summary>
/// <param name="Type"><c>about:blank</c>: the status and <c>error</c> say what it is.</param>
/// <param name="Title">The status in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong, and where possible what to do.</param>
/// <param name="Instance">The path of the request.</param>
/// <param name="Error">A stable code.</param>
/// <param name="RequestId">The <c>X-Request-Id</c> of the answer: the operator finds the request in the log by it.</param>
/// <param name="Errors">The messages for each member that is wrong.</param>
/// <param name="RetryAfterSeconds">When to try again, where that helps.</param>
internal sealed record ProblemBody(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Instance,
    string Error,
    string RequestId,
    [property: JsonPropertyOrder(1)] IReadOnlyDictionary<string, string[]>? Errors,
    [property: JsonPropertyOrder(2)] int? RetryAfterSeconds);
