using Microsoft.Extensions.Primitives;

namespace Orion.Api.SecurityHeaders;

/// <summary>
/// Adds the security headers to every response: what Helmet 8 sends by default, tightened for an API that serves no pages. They are added
/// when the response starts, so they survive <see cref="ResponseExtensions.Clear"/>. A header that an endpoint has set (the content
/// security policy of <c>/docs</c>) stays as it is.
/// </summary>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next)
{
    private static readonly (string Name, StringValues Value)[] Headers =
    [
        ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Origin-Agent-Cluster", "?1"),
        ("Referrer-Policy", "no-referrer"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-DNS-Prefetch-Control", "off"),
        ("X-Download-Options", "noopen"),
        ("X-Frame-Options", "DENY"),
        ("X-Permitted-Cross-Domain-Policies", "none"),
        // Browsers that still have the XSS filter are safer without it.
        ("X-XSS-Protection", "0"),
        // Denies every feature in w3c/webappsec-permissions-policy, features.md.
        ("Permissions-Policy",
            "accelerometer=(), ambient-light-sensor=(), attribution-reporting=(), autoplay=(), battery=(), bluetooth=(), browsing-topics=(), " +
            "camera=(), clipboard-read=(), clipboard-write=(), compute-pressure=(), cross-origin-isolated=(), display-capture=(), " +
            "encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), " +
            "idle-detection=(), keyboard-map=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), " +
            "picture-in-picture=(), publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), " +
            "speaker-selection=(), storage-access=(), sync-xhr=(), unload=(), usb=(), web-share=(), window-management=(), " +
            "xr-spatial-tracking=()"),
        ("Cache-Control", "no-store"),
    ];

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(static response => Apply(((HttpResponse)response).Headers), context.Response);
        return next(context);
    }

    internal static Task Apply(IHeaderDictionary headers)
    {
        foreach (var (name, value) in Headers) headers.TryAdd(name, value);
        return Task.CompletedTask;
    }
}
