using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orion.IntegrationTests.Cli.Verification;

/// <summary>A proxy in front of a good server that breaks exactly one thing.</summary>
internal sealed class BreakingProxy : IAsyncDisposable
{
    private static readonly string[] OfTheConnection = ["Transfer-Encoding", "Connection", "Keep-Alive", "Content-Length"];

    private readonly WebApplication _app;
    private readonly HttpClient _behind;

    private BreakingProxy(WebApplication app, HttpClient behind)
    {
        _app = app;
        _behind = behind;
    }

    /// <summary>Its address.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Starts one.</summary>
    /// <param name="good">The server behind it.</param>
    /// <param name="instead">Responds instead of the server; null to forward the request.</param>
    /// <param name="change">Changes a response of the server before it is sent.</param>
    /// <param name="forward">Changes a request before it is forwarded.</param>
    /// <param name="certificate">Its certificate; plain HTTP without one.</param>
    public static async Task<BreakingProxy> Start(
        Uri good,
        Func<HttpRequest, int?>? instead = null,
        Action<HttpRequest, HttpResponse>? change = null,
        Action<HttpRequestHeaders>? forward = null,
        X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().UseUrls(certificate is null ? "http://127.0.0.1:0" : "https://127.0.0.1:0").ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (certificate is not null) kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = certificate);
        });
        var app = builder.Build();
        var behind = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = good };
        app.Run(async http =>
        {
            if (instead?.Invoke(http.Request) is { } status)
            {
                http.Response.StatusCode = status;
                return;
            }

            using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), http.Request.GetEncodedPathAndQuery());
            if (http.Request.ContentLength > 0) request.Content = new StreamContent(http.Request.Body);
            foreach (var (name, values) in http.Request.Headers.Where(header => header.Key != "Host"))
            {
                if (!request.Headers.TryAddWithoutValidation(name, values.ToArray())) request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }

            forward?.Invoke(request.Headers);
            using var response = await behind.SendAsync(request);
            http.Response.StatusCode = (int)response.StatusCode;
            foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
            {
                if (!OfTheConnection.Contains(name, StringComparer.OrdinalIgnoreCase)) http.Response.Headers[name] = values.ToArray();
            }

            change?.Invoke(http.Request, http.Response);
            var body = await response.Content.ReadAsByteArrayAsync();
            if (body.Length > 0 && http.Response.StatusCode is not (204 or 304)) await http.Response.Body.WriteAsync(body);
        });
        await app.StartAsync();
        return new BreakingProxy(app, behind);
    }

    public async ValueTask DisposeAsync()
    {
        _behind.Dispose();
        await _app.DisposeAsync();
    }
}
