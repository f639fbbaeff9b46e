using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;
using Orion.Api.Hosting;

namespace Orion.Api.Http;

/// <summary>
/// A response of server-sent events (HTML, section 9.2). It may last for any time and be idle: instead of the time limit and the minimum
/// rate of other responses, the client must accept each write within <see cref="RequestTimeouts.Client"/>. Until then at most one write and
/// the buffers of Kestrel wait for it.
/// </summary>
internal sealed class EventStream
{
    internal const string MediaType = "text/event-stream";

    private const int MaxUnflushed = 16 * 1024;

    private readonly HttpContext _http;
    private readonly RequestTimeouts _timeouts;

    private EventStream(HttpContext http)
    {
        _http = http;
        _timeouts = http.Features.GetRequiredFeature<RequestTimeouts>();
    }

    /// <summary>Whether the client asks for a stream: <c>Accept</c> names the media type, not only a wildcard.</summary>
    internal static bool IsAccepted(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types)
        && types.Any(type => type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);

    /// <summary>Sets the headers: no proxy may cache, transform or buffer the stream.</summary>
    internal static void SetHeaders(HttpResponse response)
    {
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Sends the headers.</summary>
    internal static async Task<EventStream> Begin(HttpContext http)
    {
        SetHeaders(http.Response);
        http.Memory().ShrinkTo(0);
        http.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;

        // The duration of a stream says nothing about the service's response times.
        http.Features.Get<IHttpMetricsTagsFeature>()?.MetricsDisabled = true;
        var stream = new EventStream(http);
        await stream.Flush();
        return stream;
    }

    /// <summary>Sends text, and waits until the client accepts it.</summary>
    internal Task Send(string text)
    {
        Encoding.UTF8.GetBytes(text, _http.Response.BodyWriter);
        return Flush();
    }

    /// <summary>Adds text to the next write.</summary>
    internal ValueTask Add(string text)
    {
        var writer = _http.Response.BodyWriter;
        Encoding.UTF8.GetBytes(text, writer);
        return writer.UnflushedBytes < MaxUnflushed ? ValueTask.CompletedTask : new ValueTask(Flush());
    }

    /// <summary>Sends what was added.</summary>
    internal async Task Flush()
    {
        _timeouts.Begin(RequestPhase.Response);
        await _http.Response.BodyWriter.FlushAsync(_http.RequestAborted);
        _timeouts.Begin(RequestPhase.Stream);
    }
}
