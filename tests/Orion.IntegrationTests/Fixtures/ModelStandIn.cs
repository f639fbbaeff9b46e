using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// An OpenAI-compatible API on a socket with its own port on 127.0.0.1. A test decides how it responds:
/// <code>
/// await using var model = await ModelStandIn.Start();
/// await using var server = await OrionServer.Start(database, model.Settings);
/// model.Script = async reply =>
/// {
///     await reply.Text("Hello");
///     await gate.WaitAsync(reply.Aborted);
///     await reply.Finish();
/// };
/// </code>
/// </summary>
public sealed class ModelStandIn : IAsyncDisposable
{
    public const string ApiKey = "sk-stand-in-0123456789";
    public const string Name = "stand-in";
    public const string OtherName = "stand-in/other:2b";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ModelRequest> _requests = new();

    private ModelStandIn(WebApplication app)
    {
        _app = app;
        app.MapPost("/v1/chat/completions", Complete);
        app.MapGet("/v1/models", ListModels);
    }

    /// <summary>How it responds. The default is "Hello, world." in three pieces, with its usage.</summary>
    public Func<ModelReply, Task> Script { get; set; } = async reply =>
    {
        await reply.Text("Hello", ", ", "world.");
        await reply.Finish(usage: (12, 3));
    };

    /// <summary>How it responds to <c>GET /v1/models</c>. The default is the list of its two models.</summary>
    public Func<HttpContext, Task> ModelList { get; set; } = context => context.Response.WriteAsJsonAsync(new
    {
        @object = "list",
        data = new[] { new { id = Name, @object = "model" }, new { id = OtherName, @object = "model" } },
    });

    /// <summary>The requests for replies, in the order in which they arrived.</summary>
    public IReadOnlyList<ModelRequest> Requests => [.. _requests];

    /// <summary>The last request.</summary>
    public ModelRequest Request => _requests.Last();

    /// <summary>The value of <c>MODEL_URL</c>.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The settings of an Orion that uses it.</summary>
    public (string Name, string Value)[] Settings =>
        [("MODEL_URL", Url), ("MODEL_API_KEY", ApiKey), ("MODEL_NAMES", $"{Name},{OtherName}")];

    public static async Task<ModelStandIn> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(options => options.Limits.MinResponseDataRate = null);
        var model = new ModelStandIn(builder.Build());
        await model._app.StartAsync();
        model.Url = model._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/v1";
        return model;
    }

    public async ValueTask DisposeAsync()
    {
        // Without waiting for scripts that hang.
        using var now = new CancellationTokenSource(0);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task Complete(HttpContext context)
    {
        var body = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        var request = new ModelRequest(
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body);
        _requests.Enqueue(request);
        context.RequestAborted.Register(request.SetAborted);
        try
        {
            await Script(new ModelReply(context, request));
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Orion closed the connection, or the script broke it off.
        }
    }

    private Task ListModels(HttpContext context) => ModelList(context);
}

/// <summary>A request that the stand-in received.</summary>
public sealed class ModelRequest(IReadOnlyDictionary<string, string> headers, JsonObject body)
{
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyDictionary<string, string> Headers => headers;

    public JsonObject Body => body;

    public string Model => (string)body["model"]!;

    /// <summary>The messages, each as <c>role: text</c>.</summary>
    public IReadOnlyList<string> Messages =>
        [.. body["messages"]!.AsArray().Select(message => $"{(string)message!["role"]!}: {TextOf(message["content"]!)}")];

    /// <summary>Completes when the connection was closed before the end of the response.</summary>
    public Task Aborted => _aborted.Task;

    internal void SetAborted() => _aborted.TrySetResult();

    private static string TextOf(JsonNode content) => content is JsonArray parts
        ? string.Concat(parts.Select(part => (string)part!["text"]!))
        : (string)content!;
}

/// <summary>The response of the stand-in, which its script writes.</summary>
public sealed class ModelReply(HttpContext context, ModelRequest request)
{
    private bool _hasStarted;

    public ModelRequest Request => request;

    /// <summary>Cancelled when the connection was closed.</summary>
    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>Writes pieces of text, each as one event.</summary>
    public async Task Text(params string[] pieces)
    {
        foreach (var piece in pieces) await Delta("content", piece);
    }

    /// <summary>Writes a piece of reasoning.</summary>
    /// <param name="piece">The text.</param>
    /// <param name="member"><c>reasoning_content</c>, or <c>reasoning</c>.</param>
    public Task Reasoning(string piece, string member = "reasoning_content") => Delta(member, piece);

    /// <summary>Writes tokens ("word0 word1 …") at a rate. At 0 a second, without pauses.</summary>
    public async Task Tokens(int count, double perSecond = 0)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            if (perSecond > 0 && TimeSpan.FromSeconds(i / perSecond) - TimeProvider.System.GetElapsedTime(start) is { Ticks: > 0 } pause)
                await Task.Delay(pause, Aborted);
            await Text($"word{i} ");
        }
    }

    /// <summary>Writes the finish reason, the usage if there is one, and <c>[DONE]</c>.</summary>
    public async Task Finish(string reason = "stop", (long Input, long Output)? usage = null)
    {
        await FinishReason(reason);
        if (usage is var (input, output))
        {
            var tokens = $$"""{"prompt_tokens":{{input}},"completion_tokens":{{output}},"total_tokens":{{input + output}}}""";
            await Event($$"""{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{{tokens}}}""");
        }

        await Event("[DONE]");
    }

    /// <summary>Writes the finish reason only.</summary>
    public Task FinishReason(string reason) => Chunk("{}", JsonSerializer.Serialize(reason));

    /// <summary>Writes an event whose delta has one member with this value.</summary>
    public Task Delta(string member, string text) => Chunk($$"""{"{{member}}":{{JsonSerializer.Serialize(text)}}}""");

    /// <summary>Writes an event with this delta, as JSON.</summary>
    public Task Chunk(string delta, string finishReason = "null") => Event(
        $$"""{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finishReason}}}]}""");

    /// <summary>Writes an event with this data.</summary>
    public Task Event(string data) => Raw($"data: {data}\n\n");

    /// <summary>Writes to the stream as it is.</summary>
    public Task Raw(string text) => Raw(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes to the stream.</summary>
    public async Task Raw(byte[] bytes)
    {
        if (!_hasStarted) context.Response.ContentType = "text/event-stream";
        _hasStarted = true;
        await context.Response.Body.WriteAsync(bytes, Aborted);
        await context.Response.Body.FlushAsync(Aborted);
    }

    /// <summary>Sends the headers of a stream.</summary>
    public Task Begin() => Raw([]);

    /// <summary>Is silent until the connection is closed.</summary>
    public Task Stall() => Task.Delay(Timeout.InfiniteTimeSpan, Aborted);

    /// <summary>Breaks the connection off, after what was written has arrived.</summary>
    public async Task BreakOff()
    {
        await Task.Delay(1000, Aborted);
        context.Abort();
    }

    /// <summary>Responds with a status and a body.</summary>
    public async Task Status(int status, string body = "", string contentType = "application/json")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        await context.Response.WriteAsync(body, Aborted);
    }

    /// <summary>Responds with a status and the error object of OpenAI.</summary>
    public Task Error(int status, string type, string code, string message) =>
        Status(status, JsonSerializer.Serialize(new { error = new { message, type, code } }));

    /// <summary>Redirects.</summary>
    public Task Redirect(string url, int status = StatusCodes.Status307TemporaryRedirect)
    {
        context.Response.Headers.Location = url;
        return Status(status);
    }
}
