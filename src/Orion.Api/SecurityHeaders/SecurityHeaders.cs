using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Orion.Api.SecurityHeaders;

/// <summary>
/// The constant headers of every response: what Helmet 8 sends by default, tightened for an API that serves no pages.
/// </summary>
internal static class SecurityHeaders
{
    private static readonly StringValues ContentSecurityPolicy =
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly StringValues SameOrigin = "same-origin";
    private static readonly StringValues Yes = "?1";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly StringValues OneYear = "max-age=31536000; includeSubDomains";
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues Off = "off";
    private static readonly StringValues NoOpen = "noopen";
    private static readonly StringValues Deny = "DENY";
    private static readonly StringValues None = "none";

    // The filter that the header once steered did harm itself; 0 switches it off where it still exists.
    private static readonly StringValues NoFilter = "0";
    private static readonly StringValues NoStore = "no-store";

    /// <summary>Every feature that browsers know (w3c/webappsec-permissions-policy, features.md), granted to nobody.</summary>
    private static readonly StringValues NoPermissions =
        "accelerometer=(), ambient-light-sensor=(), attribution-reporting=(), autoplay=(), battery=(), bluetooth=(), browsing-topics=(), " +
        "camera=(), clipboard-read=(), clipboard-write=(), compute-pressure=(), cross-origin-isolated=(), display-capture=(), " +
        "encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), " +
        "idle-detection=(), keyboard-map=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), " +
        "picture-in-picture=(), publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), " +
        "speaker-selection=(), storage-access=(), sync-xhr=(), unload=(), usb=(), web-share=(), window-management=(), " +
        "xr-spatial-tracking=()";

    /// <summary>Puts the whole set onto a response that has not started.</summary>
    internal static void Apply(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers["Cross-Origin-Opener-Policy"] = SameOrigin;
        headers["Cross-Origin-Resource-Policy"] = SameOrigin;
        headers["Origin-Agent-Cluster"] = Yes;
        headers["Referrer-Policy"] = NoReferrer;
        headers.StrictTransportSecurity = OneYear;
        headers.XContentTypeOptions = NoSniff;
        headers["X-DNS-Prefetch-Control"] = Off;
        headers["X-Download-Options"] = NoOpen;
        headers.XFrameOptions = Deny;
        headers["X-Permitted-Cross-Domain-Policies"] = None;
        headers.XXSSProtection = NoFilter;
        headers["Permissions-Policy"] = NoPermissions;
        headers[HeaderNames.CacheControl] = NoStore;
    }
}
