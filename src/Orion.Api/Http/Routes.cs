using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MediatR;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.OpenApi;
using Orion.Api.Sessions;
using Orion.Application.Concurrency;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Api.Http;

/// <summary>Translates an HTTP request into a command or query, and its outcome into an HTTP result.</summary>
internal delegate Task<IResult> Handler(HttpContext http, IDispatcher dispatcher);

/// <summary>
/// Maps handlers so that all routes report errors in the same order: a request that cannot be read (415, 413, 408, 400) first, then
/// the errors of the handler. The endpoints are plain request delegates: nothing is bound by reflection.
/// </summary>
internal static class Routes
{
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps GET and HEAD.</summary>
    internal static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder routes, string pattern, Handler handler) =>
        routes.Map(pattern, GetAndHead, handler);

    /// <summary>Maps a method that changes something and has no request body.</summary>
    internal static RouteHandlerBuilder MapWrite(this IEndpointRouteBuilder routes, string method, string pattern, Handler handler) =>
        routes.Map(pattern, [method], handler);

    /// <summary>Maps a method with a request body that returns a value.</summary>
    /// <typeparam name="TBody">The members of the body.</typeparam>
    /// <typeparam name="T">The value.</typeparam>
    /// <param name="routes">The routes.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="pattern">The path.</param>
    /// <param name="read">Creates the command or query.</param>
    /// <param name="respond">Creates the result.</param>
    internal static RouteHandlerBuilder MapWrite<TBody, T>(
        this IEndpointRouteBuilder routes,
        string method,
        string pattern,
        Func<HttpContext, JsonObjectReader, IRequest<Result<T>>> read,
        Func<T, IResult> respond)
        where TBody : IRequestBody
        where T : notnull =>
        routes.Map(pattern, [method], async (http, dispatcher) =>
        {
            var (request, problem) = await RequestBodies.Read<TBody, IRequest<Result<T>>>(http, (members, _) => read(http, members));
            return problem is null ? (await dispatcher.Send(request!, http.RequestAborted)).Then(respond) : new ProblemResult(problem);
        }).AcceptsBody<TBody>();

    /// <summary>Maps a method with a request body that returns no value.</summary>
    internal static RouteHandlerBuilder MapWrite<TBody>(
        this IEndpointRouteBuilder routes,
        string method,
        string pattern,
        Func<HttpContext, JsonObjectReader, IRequest<Result>> read,
        Func<IResult> respond)
        where TBody : IRequestBody =>
        routes.Map(pattern, [method], async (http, dispatcher) =>
        {
            var (request, problem) = await RequestBodies.Read<TBody, IRequest<Result>>(http, (members, _) => read(http, members));
            return problem is null ? (await dispatcher.Send(request!, http.RequestAborted)).Then(respond) : new ProblemResult(problem);
        }).AcceptsBody<TBody>();

    /// <summary>Maps POST for a command that runs only once for each <c>Idempotency-Key</c>.</summary>
    internal static RouteHandlerBuilder MapIdempotent<TBody, T>(
        this IEndpointRouteBuilder routes,
        string pattern,
        Func<HttpContext, JsonObjectReader, IdempotencyKey?, ICommand<IdempotentResult<T>>> read,
        Func<IdempotentResult<T>, IResult> respond)
        where TBody : IRequestBody
        where T : class =>
        routes.MapIdempotent<TBody, ICommand<IdempotentResult<T>>>(
            pattern, read, async (http, dispatcher, command) => (await dispatcher.Send(command, http.RequestAborted)).Then(respond));

    /// <summary>Maps POST for a command that runs only once for each <c>Idempotency-Key</c>, with a function that sends it.</summary>
    internal static RouteHandlerBuilder MapIdempotent<TBody, TCommand>(
        this IEndpointRouteBuilder routes,
        string pattern,
        Func<HttpContext, JsonObjectReader, IdempotencyKey?, TCommand> read,
        Func<HttpContext, IDispatcher, TCommand, Task<IResult>> send)
        where TBody : IRequestBody
        where TCommand : class =>
        routes.Map(pattern, [HttpMethods.Post], async (http, dispatcher) =>
        {
            // Retries may spell the id in upper or lower case; the key belongs to one spelling of the path.
            var path = pattern.Replace(SessionEndpoints.IdInPath, http.Session().ToString(), StringComparison.Ordinal);
            var (command, problem) = await IdempotencyKeys.Read<TBody, TCommand>(http, path, (members, key) => read(http, members, key));
            return problem is null ? await send(http, dispatcher, command!) : new ProblemResult(problem);
        })
        .AcceptsBody<TBody>()
        .ProducesProblems(409, 422)
        .WithMetadata(
            new RequestHeader(
                IdempotencyKeys.HeaderName,
                $"1 to {IdempotencyKey.MaxLength} visible ASCII characters. A second request with the same key and body within "
                + $"{IdempotencyKey.Lifetime.TotalHours} h changes nothing and gets the response of the first."),
            new ResponseHeader(
                IdempotencyKeys.ReplayedHeaderName, "`true` if this is the response of an earlier request with the same `Idempotency-Key`."),
            new ResponseHeader("Location", "The path of the new resource."));

    /// <summary>Maps the remaining methods of a path to 405. Without it, a path with a parameter would match them.</summary>
    internal static void MapMethodNotAllowed(this IEndpointRouteBuilder routes, string pattern, string allowed) =>
        routes.Map(pattern, http =>
        {
            http.Response.Headers.Allow = allowed;
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        });

    /// <summary>The memory that this request has reserved for its body and its response.</summary>
    internal static ByteReservation Memory(this HttpContext http) => http.Features.GetRequiredFeature<ByteReservation>();

    // No content types: with them, routing would replace the endpoint, and its metadata, with its own endpoint, which responds with 415.
    private static RouteHandlerBuilder AcceptsBody<TBody>(this RouteHandlerBuilder route) =>
        route.WithMetadata(new AcceptsMetadata([], typeof(TBody))).ProducesProblems(400, 408, 413);

    private static RouteHandlerBuilder Map(this IEndpointRouteBuilder routes, string pattern, string[] methods, Handler handler)
    {
        var dispatcher = routes.ServiceProvider.GetRequiredService<IDispatcher>();
        var inFlight = routes.ServiceProvider.GetRequiredService<InFlightBytes>();
        var route = routes.MapMethods(pattern, methods, async http =>
        {
            using var memory = inFlight.Begin(http.Identity()?.Caller);
            http.Features.Set(memory);
            var result = http.Request.Headers.ContentEncoding.Count > 0
                ? new ProblemResult(Problems.UnsupportedEncoding)
                : await handler(http, dispatcher);
            await result.ExecuteAsync(http);
        });
        // The OpenAPI document contains only endpoints with a method.
        return new RouteHandlerBuilder([route]).WithMetadata(handler.Method);
    }
}

/// <summary>Responds with a problem.</summary>
internal sealed class ProblemResult(Problem problem) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => httpContext.RequestServices.GetRequiredService<IProblemWriter>().Write(httpContext, problem);
}

/// <summary>Responds with a value as JSON.</summary>
internal sealed class JsonResult<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) : IResult
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = MinimalJsonEncoder.Instance, SkipValidation = true };

    private T? _value = value;

    internal string? ETag { get; init; }

    internal string? Location { get; init; }

    /// <summary>Whether this is the response of an earlier request with the same <c>Idempotency-Key</c>.</summary>
    internal bool IsReplay { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        using var buffer = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) JsonSerializer.Serialize(writer, _value!, type);

        // While the bytes are sent to a slow client, the value can be collected.
        _value = default;
        var memory = httpContext.Memory();
        memory.ShrinkTo(buffer.Length);
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = buffer.Length;
        if (ETag is not null) response.Headers.ETag = ETag;
        if (Location is not null) response.Headers.Location = Location;
        if (IsReplay) response.Headers[IdempotencyKeys.ReplayedHeaderName] = "true";
        await buffer.MoveTo(response.Body, memory, httpContext.RequestAborted);
    }
}

/// <summary>Responds with 204 No Content.</summary>
internal sealed class NoContentResult : IResult
{
    internal static NoContentResult Instance { get; } = new();

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
