namespace Orion.Api.Hosting;

/// <summary>Adds <c>Connection: close</c> to each response during a graceful shutdown (RFC 9112, section 9.6).</summary>
internal sealed class ConnectionCloseMiddleware(RequestDelegate next, GracefulShutdown shutdown)
{
    public Task InvokeAsync(HttpContext context)
    {
        // If a shutdown starts later in this request, the next request on the connection or Kestrel's own stop closes the connection.
        if (shutdown.IsClosing) context.Response.Headers.Connection = "close";
        return next(context);
    }
}
