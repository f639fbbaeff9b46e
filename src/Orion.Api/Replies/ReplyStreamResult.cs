using System.Globalization;
using Orion.Api.Authentication;
using Orion.Api.Http;
using Orion.Application.Availability;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Api.Replies;

/// <summary>
/// Responds with the stream of a reply: the AI SDK's UI message stream. If the stream cannot continue, the connection is aborted, so that
/// the client sees an error and not an end.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="reply">The reply, which exists.</param>
/// <param name="slot">The user's slot of <see cref="OpenStreams"/>; null for HEAD, which gets only the headers.</param>
/// <param name="after">The number of the last frame that the client has; 0 for none.</param>
/// <param name="first">The frames behind it that are known already; null if none were read.</param>
internal sealed class ReplyStreamResult(SessionId session, ReplyId reply, IDisposable? slot, int after = 0, ReplyFramesPage? first = null) : IResult
{
    private const string Ping = ": ping\n\n";
    private const string Done = "data: [DONE]\n\n";

    private int _after = after;
    private ReplyFramesPage? _first = first;

    internal string? Location { get; init; }

    /// <summary>Whether the reply was begun by an earlier request with the same <c>Idempotency-Key</c>.</summary>
    internal bool IsReplay { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using (slot)
        {
            var headers = httpContext.Response.Headers;
            headers["x-vercel-ai-ui-message-stream"] = "v1";
            if (Location is not null) headers.Location = Location;
            if (IsReplay) headers[IdempotencyKeys.ReplayedHeaderName] = "true";
            if (slot is null)
            {
                EventStream.SetHeaders(httpContext.Response);
                return;
            }

            try
            {
                await Stream(httpContext, await EventStream.Begin(httpContext));
            }
            catch (Exception exception) when (exception is ReplyStreamEndedException or DatabaseUnavailableException)
            {
                httpContext.Abort();
            }
        }
    }

    private async Task Stream(HttpContext http, EventStream events)
    {
        if (!await SendFirst(events))
        {
            var streams = http.RequestServices.GetRequiredService<IReplyStreams>();
            await foreach (var frames in streams.Read(session, reply, _after, http.Caller(), http.RequestAborted)) await Send(events, frames);
        }

        await events.Send(Done);
    }

    // Returns whether these were the last frames. They can be collected while the stream is open.
    private async Task<bool> SendFirst(EventStream events)
    {
        var page = _first;
        _first = null;
        if (page?.Frames is not [.., var last]) return page?.IsEnd ?? false;
        _after = last.Number;
        await Send(events, page.Frames);
        return page.IsEnd;
    }

    private static async Task Send(EventStream events, IReadOnlyList<StoredFrame> frames)
    {
        if (frames.Count == 0) await events.Add(Ping);
        foreach (var frame in frames) await events.Add(string.Create(CultureInfo.InvariantCulture, $"id: {frame.Number}\ndata: {frame.Json}\n\n"));
        await events.Flush();
    }
}
