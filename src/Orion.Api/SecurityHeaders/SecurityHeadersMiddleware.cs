namespace Orion.Api.SecurityHeaders;

/// <summary>
/// Sets <see cref="SecurityHeaders"/> before anything else runs, and never again: what an endpoint overwrites (the page
/// <c>/docs</c> its content security policy) stays overwritten. Who clears a response does it through <see cref="ProtectedResponse"/>.
/// </summary>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        SecurityHeaders.Apply(context.Response.Headers);
        return next(context);
    }
}
