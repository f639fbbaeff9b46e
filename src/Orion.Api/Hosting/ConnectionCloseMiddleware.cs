namespace Orion.Api.Hosting;

/// <summary>Says with each answer that the connection ends, while the process is stopping.</summary>
internal sealed class ConnectionCloseMiddleware(RequestDelegate next, ConnectionTracker connections)
{
    public Task InvokeAsync(HttpContext context)
    {
        // A request that is under way when the stop begins leaves this to the next one, or to the server's own stop.
        if (connections.IsClosing) context.Response.Headers.Connection = "close";
        return next(context);
    }
}
