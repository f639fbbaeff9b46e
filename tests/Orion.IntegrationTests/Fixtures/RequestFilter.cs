using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// Runs an action at the beginning of each request of a server. An <see cref="AsyncLocal{T}"/> that it sets tells what the request does from what
/// the service does in the background.
/// </summary>
internal sealed class RequestFilter(Action<HttpContext> begin) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((http, following) =>
        {
            begin(http);
            return following(http);
        });
        next(app);
    };
}
