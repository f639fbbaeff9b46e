using Microsoft.AspNetCore.Http.Features;
using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.Hosting;
using Orion.Api.Http;
using Orion.Api.OpenApi;
using Orion.Api.RateLimiting;
using Orion.Api.Replies;
using Orion.Application.Availability;
using Orion.Application.Export;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Domain.Replies;

namespace Orion.Api.Export;

/// <summary>The export of all data of the caller.</summary>
internal static class ExportEndpoint
{
    /// <summary>The number of requests that an export counts as.</summary>
    private const int Cost = 10;

    internal static void MapExport(this IEndpointRouteBuilder routes) =>
        routes.MapRead("/api/export", Export)
            .WithName("exportSessions")
            .WithTags("Sessions")
            .WithSummary("Export all sessions and messages")
            .WithDescription(
                "All sessions of the caller, including archived sessions, and their messages, as `orion export` writes them and "
                + $"`orion import --file` reads them. Counts as {Cost} requests of the rate limit. Changes during the export may or may not be "
                + "included, and each session has as many messages as its own line states. If a session is deleted meanwhile, the response is "
                + "409 `conflict`, or the connection is aborted. A complete export ends with a line of the type `end`.")
            .WithMetadata(
                new RateLimitCost(Cost),
                new StreamResponse(
                    ExportResult.MediaType,
                    "One JSON object per line, with a `type`: `export` (the user), then all of `session`, then all of `message`, and `end` (their numbers)."),
                new ResponseHeader("Content-Disposition", "`attachment`, with the name of a file."))
            .Produces(200)
            .ProducesProblems(409);

    private static Task<IResult> Export(HttpContext http, IDispatcher dispatcher)
    {
        if (HttpMethods.IsHead(http.Request.Method)) return Task.FromResult<IResult>(new ExportResult(dispatcher, slot: null));
        var slot = http.RequestServices.GetRequiredService<OpenStreams>().TryTake(http.Caller().Id, OpenStreams.MaxPerUser);
        return Task.FromResult<IResult>(slot is null ? new ProblemResult(Problems.From(ReplyErrors.TooManyStreams)) : new ExportResult(dispatcher, slot));
    }
}

/// <summary>
/// Responds with the export of the caller. It may take any time, but the client must keep the minimum rate. If the export cannot continue,
/// or the caller loses access, the connection is aborted, so that the client sees an error and not an end.
/// </summary>
/// <param name="dispatcher">Runs the queries.</param>
/// <param name="slot">The user's slot of <see cref="OpenStreams"/>; null for HEAD, which gets only the headers.</param>
internal sealed class ExportResult(IDispatcher dispatcher, IDisposable? slot) : IResult
{
    internal const string MediaType = "application/x-ndjson";

    // At most so many characters wait for the client, besides the buffers of Kestrel and one batch of messages.
    private const int BufferSize = 16 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using (slot)
        {
            var today = httpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
            var response = httpContext.Response;
            response.ContentType = MediaType;
            response.Headers.ContentDisposition = $"attachment; filename=\"orion-{today:yyyy-MM-dd}.ndjson\"";
            // A proxy would keep what the client does not accept on its disk.
            response.Headers["X-Accel-Buffering"] = "no";
            if (slot is not null) await Export(httpContext);
        }
    }

    private async Task Export(HttpContext http)
    {
        // The time that a client needs says nothing about the service's response times.
        http.Features.Get<IHttpMetricsTagsFeature>()?.MetricsDisabled = true;
        http.Response.OnStarting(RemoveTimeLimit, http.Features.GetRequiredFeature<RequestTimeouts>());
        using var access = http.RequestServices.GetRequiredService<ICallerAccessWatch>().Watch(http.Caller());
        await using var abort = access.Revoked.Register(http.Abort);
        try
        {
            // Not disposed, because that would write the rest of a failed export.
            var output = new StreamWriter(http.Response.Body, bufferSize: BufferSize);
            await new ArchiveExporter(dispatcher, http.Caller(), output, NoProgress.Instance).Run(usersToCome: 0, http.RequestAborted);
            await output.FlushAsync(http.RequestAborted);
        }
        catch (OperationFailedException exception) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await new ProblemResult(Problems.From(exception.Error)).ExecuteAsync(http);
        }
        catch (Exception exception) when (http.Response.HasStarted && exception is OperationFailedException or DatabaseUnavailableException)
        {
            http.Abort();
        }
    }

    private static Task RemoveTimeLimit(object timeouts)
    {
        ((RequestTimeouts)timeouts).Begin(RequestPhase.Stream);
        return Task.CompletedTask;
    }

    private sealed class NoProgress : IProgress<(long Done, long Total)>
    {
        internal static NoProgress Instance { get; } = new();

        public void Report((long Done, long Total) value)
        {
        }
    }
}
