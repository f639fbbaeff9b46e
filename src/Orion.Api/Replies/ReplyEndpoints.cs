using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.Hosting;
using Orion.Api.Http;
using Orion.Api.OpenApi;
using Orion.Api.Sessions;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Api.Replies;

/// <summary>The routes of replies, and the list of models.</summary>
internal static class ReplyEndpoints
{
    private const string SessionPath = $"{SessionEndpoints.Path}/{SessionEndpoints.IdInPath}";
    private const string Path = $"{SessionPath}/replies";
    private const string LastEventId = "Last-Event-ID";

    private static readonly EventStreamResponse Stream = new(
        "The AI SDK's UI message stream (`x-vercel-ai-ui-message-stream: v1`). Each event has an `id`, and its data is JSON with a `type`: "
        + "`start` (with `messageMetadata: {replyId, model}`), `reasoning-start`, `reasoning-delta`, `reasoning-end`, `text-start`, `text-delta`, "
        + "`text-end`, and at the end `finish`, `error` or `abort`. The last event is `data: [DONE]`, without an `id`. The comment `: ping` "
        + "follows each 15 s of silence. If the connection ends before `[DONE]`, the reply goes on: read it again with `Last-Event-ID`.");

    internal static void MapReplies(this IEndpointRouteBuilder routes)
    {
        var replies = routes.MapGroup("").WithTags("Replies").RequireModel();

        replies.MapIdempotent<CreateReplyRequest, BeginReply>(Path, Read, Begin)
            .WithName("createReply")
            .WithSummary("Ask the model for a reply")
            .WithDescription(
                "`content` is appended as the user's message. Without it, the model replies to the last message of the user, if only messages of "
                + "replies that are not `completed` follow it. The reply goes on if the client disconnects, and becomes a message when it ends. "
                + "A session has at most one running reply. With `Accept: text/event-stream`, the response is the stream.")
            .WithMetadata(new AcceptsSessionTokenAttribute(), Stream)
            .Produces<ReplyView>(201)
            .Produces(200)
            .ProducesProblems(404);

        replies.MapRead($"{Path}/{{replyId}}", Get)
            .WithName("getReply")
            .WithSummary("Get a reply, or its stream")
            .WithDescription("With `Accept: text/event-stream`, the response is the stream.")
            .WithMetadata(
                new AcceptsSessionTokenAttribute(),
                Stream,
                new RequestHeader(LastEventId, "The `id` of the last event that the client has. The stream continues behind it."))
            .Produces<ReplyView>()
            .ProducesProblems(400, 404);

        replies.MapRead($"{SessionPath}/stream", GetRunning)
            .WithName("resumeReply")
            .WithSummary("Get the stream of the session's running reply")
            .WithDescription("It begins with the first event. The response is 204 if no reply is running.")
            .WithMetadata(new AcceptsSessionTokenAttribute(), Stream)
            .Produces(200)
            .Produces(204)
            .ProducesProblems(404);

        replies.MapWrite(HttpMethods.Post, $"{Path}/{{replyId}}/stop", Stop)
            .WithName("stopReply")
            .WithSummary("Stop a reply")
            .WithDescription("The text so far becomes the message. A reply that has ended does not change.")
            .WithMetadata(new AcceptsSessionTokenAttribute())
            .Produces<ReplyView>()
            .ProducesProblems(404);

        replies.MapRead("/api/models", ListModels)
            .WithName("listModels")
            .WithSummary("List the models")
            .WithDescription("The first one is the default.")
            .Produces<ModelsResponse>();
    }

    private static BeginReply Read(HttpContext http, JsonObjectReader body, IdempotencyKey? key) => new(
        http.Caller(),
        http.Session(),
        body.Text("content", MessageContent.Parse),
        body.Text("model"),
        body.Metadata("metadata"),
        key);

    private static async Task<IResult> Begin(HttpContext http, IDispatcher dispatcher, BeginReply command)
    {
        var isStream = EventStream.IsAccepted(http.Request);
        var slot = isStream ? TakeSlot(http) : null;
        IResult? result = null;
        try
        {
            // Goes on if the client disconnects: the reply must be started after it was stored.
            var timeouts = http.Features.GetRequiredFeature<RequestTimeouts>();
            var outcome = await dispatcher.Send(command with { CanBegin = !isStream || slot is not null }, timeouts.Expired);
            if (outcome.Error is { } error) return ResultExtensions.Failed(error);

            var (begun, isReplay) = (outcome.Value.Value, outcome.Value.IsReplay);
            if (!isReplay) http.RequestServices.GetRequiredService<IReplyRunner>().Start(begun, command.Caller);

            var reply = ReplyId.From(begun.ReplyId);
            var location = $"{SessionEndpoints.Path}/{begun.SessionId}/replies/{begun.ReplyId}";
            if (isStream)
            {
                return result = slot is null
                    ? new ProblemResult(Problems.From(ReplyErrors.TooManyStreams))
                    : new ReplyStreamResult(command.Session, reply, slot) { Location = location, IsReplay = isReplay };
            }

            return (await dispatcher.Send(new GetReply(command.Caller, command.Session, reply), http.RequestAborted)).Then(view =>
                new JsonResult<ReplyView>(view, OrionJson.Responses.ReplyView, StatusCodes.Status201Created) { Location = location, IsReplay = isReplay });
        }
        finally
        {
            if (result is null) slot?.Dispose();
        }
    }

    private static async Task<IResult> Get(HttpContext http, IDispatcher dispatcher)
    {
        if (EventStream.IsAccepted(http.Request)) return await OpenStream(http, dispatcher, http.Reply(), ReadLastEventId(http.Request));
        return (await dispatcher.Send(new GetReply(http.Caller(), http.Session(), http.Reply()), http.RequestAborted)).Then(Ok);
    }

    private static async Task<IResult> GetRunning(HttpContext http, IDispatcher dispatcher)
    {
        var running = await dispatcher.Send(new FindRunningReply(http.Caller(), http.Session()), http.RequestAborted);
        if (running.Error is { } error) return ResultExtensions.Failed(error);
        return running.Value.Reply is { } reply ? await OpenStream(http, dispatcher, reply, after: 0) : NoContentResult.Instance;
    }

    private static async Task<IResult> Stop(HttpContext http, IDispatcher dispatcher) =>
        (await dispatcher.Send(new StopReply(http.Caller(), http.Session(), http.Reply()), http.RequestAborted)).Then(Ok);

    private static Task<IResult> ListModels(HttpContext http, IDispatcher dispatcher)
    {
        var names = http.RequestServices.GetRequiredService<IModelClient>().Names;
        return Task.FromResult<IResult>(new JsonResult<ModelsResponse>(
            new([.. names.Select(name => new Model(name))], names.Count), OrionJson.Responses.ModelsResponse));
    }

    private static async Task<IResult> OpenStream(HttpContext http, IDispatcher dispatcher, ReplyId reply, int after)
    {
        var query = new ReadReplyFrames(http.Caller(), http.Session(), reply, after);
        var page = await dispatcher.Send(query, http.RequestAborted);
        if (page.Error is { } error) return ResultExtensions.Failed(error);
        if (HttpMethods.IsHead(http.Request.Method)) return new ReplyStreamResult(query.Session, reply, slot: null);
        return TakeSlot(http) is { } slot
            ? new ReplyStreamResult(query.Session, reply, slot, query.After, page.Value)
            : new ProblemResult(Problems.From(ReplyErrors.TooManyStreams));
    }

    private static IDisposable? TakeSlot(HttpContext http) =>
        http.RequestServices.GetRequiredService<OpenStreams>().TryTake(http.Caller().Id, OpenStreams.MaxPerUser);

    // A malformed ID becomes a number that no frame has. An empty one is that of an event source that has seen no event (HTML, section 9.2.3).
    private static int ReadLastEventId(HttpRequest request) => request.Headers[LastEventId] switch
    {
        [] or [null or ""] => 0,
        [{ } text] when text[0] is >= '1' and <= '9' && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) => id,
        _ => int.MaxValue,
    };

    private static ReplyId Reply(this HttpContext http) => ReplyId.Parse((string?)http.GetRouteValue("replyId")) ?? ReplyId.Unassigned;

    private static JsonResult<ReplyView> Ok(ReplyView reply) => new(reply, OrionJson.Responses.ReplyView);
}

/// <summary><c>POST /api/sessions/{sessionId}/replies</c>.</summary>
/// <param name="Content">The user's message. If absent, the model replies to the last one.</param>
/// <param name="Model">One of <c>GET /api/models</c>. The first one is the default.</param>
/// <param name="Metadata">Data of the client, for the user's message. Requires <c>content</c>.</param>
internal sealed record CreateReplyRequest(
    [property: MinLength(1), MaxLength(MessageContent.MaxLength)] string? Content,
    string? Model,
    Metadata? Metadata) : IRequestBody
{
    public static bool RejectsUnknownMembers => true;
}

/// <summary>A model.</summary>
/// <param name="Name">Its name.</param>
internal sealed record Model(string Name);

/// <summary>The models.</summary>
/// <param name="Models">The models. The first one is the default.</param>
/// <param name="Count">The number of models.</param>
internal sealed record ModelsResponse(IReadOnlyList<Model> Models, int Count);
