namespace Orion.Api.Errors;

/// <summary>An error of the API.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">The stable snake_case code.</param>
/// <param name="Title">The reason phrase of the status (RFC 9110, section 15).</param>
/// <param name="Detail">A sentence of Orion's own; never the message of an exception.</param>
internal sealed record Problem(int Status, string Error, string Title, string Detail)
{
    /// <summary>The seconds after which to retry; null where a retry does not help.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The messages for each invalid member.</summary>
    public IReadOnlyDictionary<string, string[]>? Members { get; init; }

    /// <summary>The reply that prevents the request.</summary>
    public Guid? ReplyId { get; init; }
}
