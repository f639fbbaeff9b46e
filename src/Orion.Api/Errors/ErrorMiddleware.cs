using Microsoft.AspNetCore.Connections;
using Orion.Api.Hosting;
using Orion.Api.SecurityEvents;
using Orion.Api.SecurityHeaders;
using Orion.Application.Availability;
using Orion.Application.Concurrency;

namespace Orion.Api.Errors;

/// <summary>
/// Ends what goes wrong in one place: exceptions, requests that run too long, and statuses that nobody gave a body.
/// </summary>
internal sealed partial class ErrorMiddleware(
    RequestDelegate next, IProblemWriter problems, IDatabaseHealth database, SecurityEventLog refusals, TimeProvider clock, ILogger<ErrorMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var disconnected = context.RequestAborted;
        using var timeouts = new RequestTimeouts(clock, disconnected);
        context.Features.Set(timeouts);
        context.RequestAborted = timeouts.Token;
        context.Response.OnStarting(BeginResponse, timeouts);
        try
        {
            await next(context);
            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentType: null })
                await problems.Write(context, Problems.FromStatus(context.Response.StatusCode));
        }
        catch (Exception exception)
        {
            // Asked first: Kestrel ends the connection of a write that is given up.
            var isNotTaken = timeouts is { Phase: RequestPhase.Response, IsOver: true };
            if (isNotTaken) LogNotTaken();
            if (isNotTaken || disconnected.IsCancellationRequested || IsConnectionLoss(exception))
            {
                // Nobody is left to be answered, and the rest of a body need not be looked for.
                context.Abort();
                return;
            }

            if (context.Response.HasStarted)
            {
                LogCutOff(exception);
                context.Abort();
                return;
            }

            context.RequestAborted = disconnected;
            ProtectedResponse.Clear(context.Response);

            // Where in a body that was not read to its end the next request would begin, nothing tells.
            if (timeouts.Phase == RequestPhase.Body) context.Response.Headers.Connection = "close";
            await problems.Write(context, Explain(context, exception, timeouts));
        }
    }

    private static Task BeginResponse(object timeouts)
    {
        ((RequestTimeouts)timeouts).Begin(RequestPhase.Response);
        return Task.CompletedTask;
    }

    // The body that is being read notices it sooner than RequestAborted: a client that went, or a stop that cut the request.
    private static bool IsConnectionLoss(Exception? exception) =>
        exception is ConnectionAbortedException or ConnectionResetException || (exception is not null && IsConnectionLoss(exception.InnerException));

    private Problem Explain(HttpContext context, Exception exception, RequestTimeouts timeouts)
    {
        switch (exception)
        {
            case DatabaseUnavailableException lost:
                // Refused because the database is known to be away: that has been said once, and not for every request.
                if (lost.InnerException is { } cause) LogUnavailable(database.Explain(cause));
                return Problems.Unavailable;
            case OverloadedException:
                refusals.Overloaded(context);
                return Problems.Unavailable;
            case BadHttpRequestException refused:
                return Problems.FromStatus(refused.StatusCode);
            case IOException or InvalidOperationException when timeouts.Phase == RequestPhase.Body:
                // What Kestrel says of a body's framing, by exceptions of several kinds.
                return Problems.BadRequest;
            case OperationCanceledException when timeouts is { IsOver: true, Phase: RequestPhase.Body }:
                return Problems.RequestTimeout;
            case OperationCanceledException when timeouts.IsOver:
                LogOverTime(RequestTimeouts.Work.TotalSeconds);
                return Problems.Unavailable;
            default:
                LogUnhandled(exception);
                return Problems.InternalError;
        }
    }

    [LoggerMessage(3001, LogLevel.Error, "A request failed: this is a defect of Orion.")]
    private partial void LogUnhandled(Exception exception);

    [LoggerMessage(3002, LogLevel.Warning, "A request got 503: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(3003, LogLevel.Warning, "A request ran over {Seconds} s and was ended.")]
    private partial void LogOverTime(double seconds);

    [LoggerMessage(3004, LogLevel.Error, "An answer that had begun was cut off.")]
    private partial void LogCutOff(Exception exception);

    [LoggerMessage(3006, LogLevel.Information, "A response was cut off: its client did not take it in time.")]
    private partial void LogNotTaken();
}
