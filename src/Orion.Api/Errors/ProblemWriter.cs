using System.Globalization;
using System.Text.Json;
using Orion.Api.Http;

namespace Orion.Api.Errors;

/// <summary>Writes all problem responses.</summary>
internal interface IProblemWriter
{
    /// <summary>Writes the problem as the response, which must not have started.</summary>
    Task Write(HttpContext context, Problem problem);
}

/// <inheritdoc cref="IProblemWriter"/>
internal sealed class ProblemWriter : IProblemWriter
{
    private const int MaxInstanceLength = 200;

    public async Task Write(HttpContext context, Problem problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = "application/problem+json";
        if (problem.RetryAfterSeconds is { } seconds) response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);

        var path = context.Request.Path.ToUriComponent();
        var body = new ProblemBody(
            "about:blank",
            problem.Title,
            problem.Status,
            problem.Detail,
            Shorten(path),
            problem.Error,
            context.TraceIdentifier,
            problem.Members,
            problem.RetryAfterSeconds,
            problem.ReplyId);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, OrionJson.Responses.ProblemBody);
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    // A percent-encoded byte is three characters, and is not cut.
    private static string Shorten(string path)
    {
        if (path.Length <= MaxInstanceLength) return path;
        var escape = path.LastIndexOf('%', MaxInstanceLength - 1, count: 2);
        return path[..(escape < 0 ? MaxInstanceLength : escape)];
    }
}
