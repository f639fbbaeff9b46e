using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace Orion.Api.Http;

/// <summary>
/// Sets the id of each request: the client's <c>X-Request-Id</c> if it is valid, otherwise a new one. It is the
/// <see cref="HttpContext.TraceIdentifier"/>, a header of the response, and part of every log line.
/// </summary>
internal sealed class RequestIdMiddleware(RequestDelegate next, ILogger<RequestIdMiddleware> log)
{
    internal const string HeaderName = "X-Request-Id";

    private const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public async Task InvokeAsync(HttpContext context)
    {
        var id = Validate(context.Request.Headers[HeaderName]) ?? RequestIds.New();
        context.TraceIdentifier = id;
        context.Response.OnStarting(AddHeader, context);
        using (log.BeginScope(new RequestIdScope(id)))
            await next(context);
    }

    private static Task AddHeader(object state)
    {
        var context = (HttpContext)state;
        context.Response.Headers[HeaderName] = context.TraceIdentifier;
        return Task.CompletedTask;
    }

    private static string? Validate(StringValues sent) =>
        sent is [{ Length: > 0 and <= MaxLength } id] && !id.AsSpan().ContainsAnyExcept(Allowed) ? id : null;
}
