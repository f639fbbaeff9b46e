using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.Sessions;
using Orion.Application.Concurrency;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;

namespace Orion.Api.Http;

/// <summary>A route's handler: translates a request, and the outcome into a result.</summary>
internal delegate Task<IResult> Handler(HttpContext http, IDispatcher dispatcher);

/// <summary>The handler of a route that takes a body.</summary>
internal delegate Task<IResult> BodyHandler<in TBody>(HttpContext http, IDispatcher dispatcher, TBody body);

/// <summary>The handler of a route whose requests may be repeated.</summary>
internal delegate Task<IResult> RepeatableHandler<in TBody>(HttpContext http, IDispatcher dispatcher, TBody body, IdempotencyKey? key);

/// <summary>
/// Maps handlers so that every route refuses in the same order: what it cannot read (415, 413, 408, 400) before what it then
/// decides. Plain request delegates, because nothing is bound by reflection.
/// </summary>
internal static class Routes
{
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>A route that reads: HEAD works wherever GET does.</summary>
    internal static IEndpointConventionBuilder MapRead(this IEndpointRouteBuilder routes, string pattern, Handler handler) =>
        routes.Map(pattern, GetAndHead, handler);

    /// <summary>A route that writes and takes no body.</summary>
    internal static IEndpointConventionBuilder MapWrite(this IEndpointRouteBuilder routes, string method, string pattern, Handler handler) =>
        routes.Map(pattern, [method], handler);

    /// <summary>A route that takes a body.</summary>
    internal static IEndpointConventionBuilder MapWrite<TBody>(
        this IEndpointRouteBuilder routes, string method, string pattern, BodyHandler<TBody> handler)
        where TBody : class, IRequestBody<TBody> =>
        routes.Map(pattern, [method], async (http, dispatcher) =>
        {
            var (body, problem) = await RequestBodies.Read<TBody>(http);
            return problem is null ? await handler(http, dispatcher, body!) : new ProblemResult(problem);
        }).WithMetadata(new RequestBodyMetadata(typeof(TBody)));

    /// <summary>A route that creates or appends: a repeat with the same <c>Idempotency-Key</c> does it once.</summary>
    internal static IEndpointConventionBuilder MapIdempotent<TBody>(
        this IEndpointRouteBuilder routes, string pattern, RepeatableHandler<TBody> handler)
        where TBody : class, IRequestBody<TBody> =>
        routes.Map(pattern, [HttpMethods.Post], async (http, dispatcher) =>
        {
            // Spelled as Orion spells it, whatever the case of an id in the request.
            var path = pattern.Replace(SessionEndpoints.IdInPath, http.Session().ToString(), StringComparison.Ordinal);
            var (body, key, problem) = await IdempotencyKeys.Read<TBody>(http, path);
            return problem is null ? await handler(http, dispatcher, body!, key) : new ProblemResult(problem);
        }).WithMetadata(new RequestBodyMetadata(typeof(TBody)));

    /// <summary>Refuses the methods that a path does not take, where a pattern beside it would take them for its own.</summary>
    internal static void MapOtherMethods(this IEndpointRouteBuilder routes, string pattern, string allowed) =>
        routes.Map(pattern, http =>
        {
            http.Response.Headers.Allow = allowed;
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        });

    /// <summary>What this request holds of the memory for bodies and responses.</summary>
    internal static ByteReservation Memory(this HttpContext http) => http.Features.GetRequiredFeature<ByteReservation>();

    private static IEndpointConventionBuilder Map(this IEndpointRouteBuilder routes, string pattern, string[] methods, Handler handler)
    {
        var dispatcher = routes.ServiceProvider.GetRequiredService<IDispatcher>();
        var inFlight = routes.ServiceProvider.GetRequiredService<InFlightBytes>();
        return routes.MapMethods(pattern, methods, async http =>
        {
            using var memory = inFlight.Begin(http.Identity()?.Caller);
            http.Features.Set(memory);
            var result = http.Request.Headers.ContentEncoding.Count > 0
                ? new ProblemResult(Problems.UnsupportedEncoding)
                : await handler(http, dispatcher);
            await result.ExecuteAsync(http);
        }).WithMetadata(handler.Method); // Without a method the OpenAPI document passes a route by.
    }
}

/// <summary>The type of the body that a route takes.</summary>
internal sealed record RequestBodyMetadata(Type Type);

/// <summary>A refusal as a route's result.</summary>
internal sealed class ProblemResult(Problem problem) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => httpContext.RequestServices.GetRequiredService<IProblemWriter>().Write(httpContext, problem);
}

/// <summary>A value as a route's result.</summary>
internal sealed class JsonResult<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) : IResult
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = MinimalJsonEncoder.Instance, SkipValidation = true };

    private T? _value = value;

    internal string? ETag { get; init; }

    internal string? Location { get; init; }

    /// <summary>Whether this is what an earlier request was answered.</summary>
    internal bool IsReplay { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        using var buffer = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) JsonSerializer.Serialize(writer, _value!, type);

        // From here on the client is waited for: with its bytes, no longer with the rows that they were made of.
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

/// <summary>Success without anything to tell.</summary>
internal sealed class NoContentResult : IResult
{
    internal static NoContentResult Instance { get; } = new();

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
