using Microsoft.AspNetCore.Connections;
using Orion.Api.Headers;
using Orion.Application.Requests;

namespace Orion.Api.Errors;

/// <summary>
/// Ends what goes wrong in one place: exceptions, requests that run too long, and statuses that nobody gave a body.
/// </summary>
internal sealed partial class ErrorMiddleware(
    RequestDelegate next, IProblemWriter problems, IDatabaseWatch database, TimeProvider clock, ILogger<ErrorMiddleware> logger)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public async Task InvokeAsync(HttpContext context)
    {
        var disconnected = context.RequestAborted;
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(disconnected, limit.Token);
        context.RequestAborted = either.Token;
        try
        {
            await next(context);
            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentType: null })
                await problems.Write(context, Problems.FromStatus(context.Response.StatusCode));
        }
        catch (Exception exception)
        {
            // Nobody is left to be answered.
            if (disconnected.IsCancellationRequested || IsConnectionLoss(exception)) return;
            if (context.Response.HasStarted)
            {
                LogCutOff(exception);
                context.Abort();
                return;
            }

            context.RequestAborted = disconnected;
            ProtectedResponse.Clear(context.Response);
            await problems.Write(context, Explain(exception, limit.IsCancellationRequested));
        }
    }

    // The body that is being read notices it sooner than RequestAborted: a client that went, or a stop that cut the request.
    private static bool IsConnectionLoss(Exception? exception) =>
        exception is ConnectionAbortedException or ConnectionResetException || (exception is not null && IsConnectionLoss(exception.InnerException));

    private Problem Explain(Exception exception, bool isOverTime)
    {
        switch (exception)
        {
            case DatabaseUnavailableException lost:
                // Refused because the database is known to be away: that has been said once, and not for every request.
                if (lost.InnerException is { } cause) LogUnavailable(database.Explain(cause));
                return Problems.Unavailable;
            case BadHttpRequestException refused:
                return Problems.FromStatus(refused.StatusCode);
            case OperationCanceledException when isOverTime:
                LogOverTime(Limit.TotalSeconds);
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
}
