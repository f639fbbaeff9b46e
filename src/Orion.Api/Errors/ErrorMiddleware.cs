using Microsoft.AspNetCore.Connections;
using Orion.Api.Hosting;
using Orion.Api.SecurityEvents;
using Orion.Application.Availability;
using Orion.Application.Concurrency;

namespace Orion.Api.Errors;

/// <summary>
/// Turns exceptions, requests that take too long, and error statuses without a body into problem responses. ADR 6 says why it is not
/// <c>UseExceptionHandler</c>.
/// </summary>
internal sealed partial class ErrorMiddleware(
    RequestDelegate next,
    IProblemWriter problems,
    IDatabaseHealth database,
    SecurityEventLog events,
    TimeProvider clock,
    ILogger<ErrorMiddleware> logger)
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
            // Checked first, because Kestrel aborts the connection when a write is cancelled.
            var isResponseTimeout = timeouts is { Phase: RequestPhase.Response, HasExpired: true };
            if (isResponseTimeout) LogResponseTimeout();
            if (isResponseTimeout || disconnected.IsCancellationRequested || IsConnectionLoss(exception))
            {
                // No client is left, so the rest of a body is not read either.
                context.Abort();
                return;
            }

            if (context.Response.HasStarted)
            {
                LogResponseAborted(exception);
                context.Abort();
                return;
            }

            context.RequestAborted = disconnected;

            // Headers that every response carries are set in OnStarting, so they are not lost here.
            context.Response.Clear();

            // The end of a body that was not fully read is unknown, and so is the beginning of the next request.
            if (timeouts.Phase == RequestPhase.Body) context.Response.Headers.Connection = "close";
            await problems.Write(context, ToProblem(context, exception, timeouts));
        }
    }

    private static Task BeginResponse(object state)
    {
        var timeouts = (RequestTimeouts)state;
        // Callbacks of the endpoint run first, and can remove the limit.
        if (timeouts.Phase != RequestPhase.Stream) timeouts.Begin(RequestPhase.Response);
        return Task.CompletedTask;
    }

    // Reading a body notices a lost client, or a shutdown that ended the request, before RequestAborted does.
    private static bool IsConnectionLoss(Exception? exception) =>
        exception is ConnectionAbortedException or ConnectionResetException || (exception is not null && IsConnectionLoss(exception.InnerException));

    private Problem ToProblem(HttpContext context, Exception exception, RequestTimeouts timeouts)
    {
        switch (exception)
        {
            case DatabaseUnavailableException unavailable:
                // Without a cause, the database was already known to be unavailable. That is logged once, not for each request.
                if (unavailable.InnerException is { } cause) LogUnavailable(database.Explain(cause));
                return Problems.Unavailable;
            case OverloadedException:
                events.Overloaded(context);
                return Problems.Unavailable;
            case BadHttpRequestException badRequest:
                return Problems.FromStatus(badRequest.StatusCode);
            case IOException or InvalidOperationException when timeouts.Phase == RequestPhase.Body:
                // Kestrel reports invalid framing of a body with several types of exceptions.
                return Problems.BadRequest;
            case OperationCanceledException when timeouts is { HasExpired: true, Phase: RequestPhase.Body }:
                return Problems.RequestTimeout;
            case OperationCanceledException when timeouts.HasExpired:
                LogWorkTimeout(RequestTimeouts.Work.TotalSeconds);
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

    [LoggerMessage(3003, LogLevel.Warning, "A request took longer than {Seconds} s and was cancelled.", EventName = "LogOverTime")]
    private partial void LogWorkTimeout(double seconds);

    [LoggerMessage(3004, LogLevel.Error, "A response failed after it had started, and its connection was closed.", EventName = "LogCutOff")]
    private partial void LogResponseAborted(Exception exception);

    [LoggerMessage(3006, LogLevel.Information, "A response was aborted: its client did not read it in time.", EventName = "LogNotTaken")]
    private partial void LogResponseTimeout();
}
