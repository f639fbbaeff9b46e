namespace Orion.Api.OpenApi;

/// <summary>What the OpenAPI document says of a route.</summary>
/// <param name="Id">The operation's id: a verb and a noun.</param>
/// <param name="Tag">The group it stands in.</param>
/// <param name="Summary">What it does, in a line.</param>
/// <param name="Detail">What else to know.</param>
internal sealed record RouteDescription(string Id, string Tag, string Summary, string Detail)
{
    /// <summary>The status of success.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>What success answers; null for nothing.</summary>
    public Type? Answer { get; init; }

    /// <summary>What refusals it has beyond those that every route has.</summary>
    public int[] Refusals { get; init; } = [];

    /// <summary>The query parameters.</summary>
    public QueryParameter[] Query { get; init; } = [];

    /// <summary>The request headers that mean something to it.</summary>
    public string[] Headers { get; init; } = [];

    /// <summary>The response headers of success.</summary>
    public string[] AnswerHeaders { get; init; } = [];
}

/// <summary>A query parameter in the OpenAPI document.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Detail">What it means.</param>
internal sealed record QueryParameter(string Name, string Detail)
{
    /// <summary>Whether it must be there.</summary>
    public bool Required { get; init; }

    /// <summary>For a whole number: the largest one. The smallest is 1.</summary>
    public int? Max { get; init; }

    /// <summary>For a whole number: what is meant where it is absent.</summary>
    public int? Default { get; init; }

    /// <summary>The words that it may be; the first one is meant where it is absent.</summary>
    public string[]? Words { get; init; }

    /// <summary>A format in OpenAPI's terms, such as <c>date-time</c>.</summary>
    public string? Format { get; init; }

    /// <summary>The longest text, in characters.</summary>
    public int? MaxLength { get; init; }
}
