using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orion.Api.Authentication;
using Orion.Api.Http;
using Orion.Api.OpenApi;
using Orion.Api.Replies;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Api.Legacy;

/// <summary>
/// <c>POST /api/chat-stream-v2</c> of the service that Orion replaces. It stores nothing: its client stores both messages itself.
/// </summary>
internal static class LegacyChatEndpoint
{
    internal static void MapLegacyChat(this IEndpointRouteBuilder routes) =>
        routes.MapWrite<LegacyChatRequest, BegunChat>(HttpMethods.Post, "/api/chat-stream-v2", Read, chat => new LegacyChatResult(chat))
            .RequireModel()
            .WithName("phase1ChatStream")
            .WithSummary("Ask the model, and stream its reply without storing it")
            .WithDescription(
                $"The newest {BeginChat.MaxHistory} messages of `conversationHistory` precede `message`; other roles and unknown members are ignored. "
                + "The reply ends when the client disconnects.")
            .WithMetadata(
                LegacyEndpoints.UserId,
                new EventStreamResponse(
                    "Each event is one line `data: ` with JSON, and a blank line: `{\"type\":\"status\",\"text\"}`, `{\"type\":\"content\",\"text\"}` and "
                    + "at the end `{\"type\":\"done\"}`. A failure is `{\"type\":\"error\",\"message\"}`, followed by its message as `content`, and `done`. "
                    + "The comment `: ping` follows each 15 s of silence."))
            .Produces(200);

    private static BeginChat Read(HttpContext http, JsonObjectReader body)
    {
        var slot = new UnstoredReplySlot();
        http.Response.RegisterForDispose(slot);
        return new BeginChat(
            http.Caller(),
            body.Text("message", MessageContent.Parse),
            body.List("conversationHistory", Parse),
            LegacyEndpoints.NamedUser(http, body),
            slot);
    }

    private static ModelMessage? Parse(JsonElement item) => (Text(item, "role"), Text(item, "content")) switch
    {
        (MessageRoles.User, { Length: > 0 } text) => new ModelMessage(ModelRole.User, text),
        (MessageRoles.Assistant, { Length: > 0 } text) => new ModelMessage(ModelRole.Assistant, text),
        _ => null,
    };

    private static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;
}

/// <summary>Streams a reply that is not stored.</summary>
internal sealed partial class LegacyChatResult(BegunChat chat) : IResult
{
    // Its client splits a longer text.
    private const int MaxLineBreaks = 3;

    private const string Ping = ": ping\n\n";
    private const string Interrupted = "The reply was interrupted, because the service stops. Try again.";

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        var caller = httpContext.Caller();
        using var access = services.GetRequiredService<ICallerAccessWatch>().Watch(caller);
        var events = await EventStream.Begin(httpContext);
        await events.Send(Event("status", "text", "Thinking..."));
        try
        {
            if (await Stream(httpContext, events, access.Revoked) is { } message)
            {
                await events.Add(Event("error", "message", message));
                await events.Add(Event("content", "text", message));
            }

            await events.Send(Event("done"));
        }
        catch (Exception) when (access.Revoked.IsCancellationRequested)
        {
            httpContext.Abort();
        }
    }

    // Returns why the reply is not complete; null if it is.
    private async Task<string?> Stream(HttpContext http, EventStream events, CancellationToken revoked)
    {
        var clock = http.RequestServices.GetRequiredService<TimeProvider>();
        var limits = http.RequestServices.GetRequiredService<ReplyLimits>();
        var model = http.RequestServices.GetRequiredService<IModelClient>();
        var counter = http.RequestServices.GetRequiredService<IReplyCounter>();
        var interruption = http.RequestServices.GetRequiredService<IReplyRunner>().Interruption;
        using var duration = new CancellationTokenSource(limits.MaxDuration, clock);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, revoked, duration.Token, interruption);
        var transcript = new ReplyTranscript();
        try
        {
            await using var updates = model.Stream(model.Names[0], chat.Messages, ended.Token).GetAsyncEnumerator(ended.Token);
            while (!transcript.IsFull && await MoveNext(updates, events, clock, ended))
            {
                if (updates.Current is ModelUpdate.Delta { IsReasoning: false } delta) await Send(events, transcript.Write(delta.Text, isReasoning: false));
            }

            await Send(events, transcript.End(ReplyEnd.Completed(isTruncated: transcript.IsFull)));
            counter.Ended(ReplyStatus.Completed);
            return null;
        }
        catch (Exception) when (revoked.IsCancellationRequested || http.RequestAborted.IsCancellationRequested)
        {
            counter.Ended(ReplyStatus.Stopped);
            throw;
        }
        catch (Exception) when (interruption.IsCancellationRequested)
        {
            counter.Ended(ReplyStatus.Interrupted);
            return Interrupted;
        }
        catch (Exception exception)
        {
            var (failure, reason) = duration.IsCancellationRequested
                ? (ModelFailure.Timeout, "It took longer than REPLY_MAX_SECONDS.")
                : exception is ModelException known
                    ? (known.Failure, known.Message)
                    // Without the message, which may contain text of the provider.
                    : (ModelFailure.Unavailable, $"{exception.GetType().FullName}\n{exception.StackTrace}");
            LogFailed(http.RequestServices.GetRequiredService<ILogger<LegacyChatResult>>(), failure.ToName(), reason);
            counter.Ended(ReplyStatus.Failed, failure);
            return failure.ToText();
        }
    }

    private static async Task<bool> MoveNext(
        IAsyncEnumerator<ModelUpdate> updates, EventStream events, TimeProvider clock, CancellationTokenSource ended)
    {
        var next = updates.MoveNextAsync().AsTask();
        while (true)
        {
            try
            {
                return await next.WaitAsync(PingInterval, clock);
            }
            catch (TimeoutException) when (!next.IsCompleted)
            {
            }

            try
            {
                await events.Send(Ping);
            }
            catch
            {
                // An enumerator must not be disposed while it moves.
                await ended.CancelAsync();
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        }
    }

    private static async Task Send(EventStream events, IReadOnlyList<ReplyFrame> frames)
    {
        foreach (var text in frames.OfType<ReplyFrame.PartDelta>().SelectMany(delta => Split(delta.Text))) await events.Add(Event("content", "text", text));
        await events.Flush();
    }

    // Into pieces with few line breaks.
    private static IEnumerable<string> Split(string text)
    {
        var (start, breaks) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('\n' or '\r') || ++breaks < MaxLineBreaks) continue;
            yield return text[start..(i + 1)];
            (start, breaks) = (i + 1, 0);
        }

        if (start < text.Length) yield return text[start..];
    }

    [LoggerMessage(3007, LogLevel.Warning, "A reply of the Phase 1 route failed ({Failure}). {Reason}")]
    private static partial void LogFailed(ILogger logger, string failure, string reason);

    private static string Event(string type, string? name = null, string? text = null)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, OneLine))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            if (name is not null) json.WriteString(name, text);
            json.WriteEndObject();
        }

        return $"data: {Encoding.UTF8.GetString(buffer.WrittenSpan)}\n\n";
    }
}

/// <summary><c>POST /api/chat-stream-v2</c>.</summary>
/// <param name="Message">The user's message.</param>
/// <param name="UserId">If present, it must be the caller.</param>
/// <param name="SessionId">Any text. It is ignored.</param>
/// <param name="ConversationHistory">The earlier messages, oldest first.</param>
internal sealed record LegacyChatRequest(
    [property: Required, MinLength(1), MaxLength(MessageContent.MaxLength)] string? Message,
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    string? SessionId,
    IReadOnlyList<LegacyChatMessage>? ConversationHistory) : IRequestBody
{
    public static bool RejectsUnknownMembers => false;
}

/// <summary>An earlier message.</summary>
/// <param name="Role">The author. Messages with another role are ignored.</param>
/// <param name="Content">The text.</param>
internal sealed record LegacyChatMessage(
    [property: Required, AllowedValues(MessageRoles.User, MessageRoles.Assistant)] string? Role,
    [property: Required] string? Content);
