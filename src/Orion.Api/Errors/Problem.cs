namespace Orion.Api.Errors;

/// <summary>A refusal: its status, its stable code and its sentence.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">The stable snake_case code.</param>
/// <param name="Title">The status in words (RFC 9110, section 15).</param>
/// <param name="Detail">Orion's own sentence, never an exception's.</param>
internal sealed record Problem(int Status, string Error, string Title, string Detail)
{
    /// <summary>When to try again, in seconds; null where that does not help.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The messages for each member that is wrong.</summary>
    public IReadOnlyDictionary<string, string[]>? Members { get; init; }
}

/// <summary>Writes problems: the one place that does.</summary>
internal interface IProblemWriter
{
    /// <summary>Answers the request with the problem, in place of whatever answer was prepared.</summary>
    Task Write(HttpContext context, Problem problem);
}
