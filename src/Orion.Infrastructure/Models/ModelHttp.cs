using System.Net.Http.Headers;
using System.Reflection;

namespace Orion.Infrastructure.Models;

/// <summary>The HTTP connection to the model's API.</summary>
internal static class ModelHttp
{
    // So that a new address of the provider in DNS is noticed.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>
    /// A handler without redirects, cookies and trace headers, which sends the key to the model's API only. The proxy of the environment
    /// (<c>HTTPS_PROXY</c>, <c>ALL_PROXY</c>, <c>NO_PROXY</c>) is used for <c>https:</c> only, because it could read plain HTTP.
    /// </summary>
    public static HttpMessageHandler CreateHandler(Uri endpoint, string? apiKey) => new RequestHandler(apiKey, new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = ConnectionLifetime,
        // A cancelled response closes its connection, so that the model stops.
        ResponseDrainTimeout = TimeSpan.Zero,
        UseCookies = false,
        UseProxy = endpoint.Scheme == Uri.UriSchemeHttps,
    });

    private sealed class RequestHandler(string? apiKey, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private static readonly ProductInfoHeaderValue Product =
            new("Orion", typeof(ModelHttp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // The library requires a key, and sends the operating system, the processor and the runtime.
            foreach (var name in request.Headers.Select(header => header.Key).Where(name => name != "Accept").ToList()) request.Headers.Remove(name);
            request.Headers.UserAgent.Add(Product);
            if (apiKey is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
