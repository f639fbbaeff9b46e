using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using Orion.Application.Replies;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Orion.Infrastructure.Models;

/// <summary>
/// Streams from an OpenAI-compatible API, with failures as <see cref="ModelException"/>. It is inside the telemetry, which records the
/// message of every exception.
/// </summary>
internal sealed class OpenAIStreamClient : IChatClient
{
    // After the finish reason only the usage is missing.
    private static readonly TimeSpan UsageTimeout = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, IChatClient> _models;
    private readonly ChatClientMetadata _metadata;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public OpenAIStreamClient(Uri endpoint, string? apiKey, IReadOnlyList<string> models, TimeSpan stallTimeout, TimeProvider clock)
    {
        _metadata = new ChatClientMetadata("openai", endpoint);
        _clock = clock;
        _http = new HttpClient(new ModelResponseHandler(new StallLimit(stallTimeout, clock), ModelHttp.CreateHandler(endpoint, apiKey)))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var client = new OpenAIClient(new ApiKeyCredential("replaced by ModelHttp"), new OpenAIClientOptions
        {
            ClientLoggingOptions = new ClientLoggingOptions { EnableLogging = false },
            EnableDistributedTracing = false,
            Endpoint = endpoint,
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            Transport = new HttpClientPipelineTransport(_http),
        });
        _models = models.ToDictionary(name => name, name => client.GetChatClient(name).AsIChatClient());
    }

    /// <summary>Streams the reply of the model that the options name. The last update has the finish reason.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var late = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        await using var updates = _models[options!.ModelId!].GetStreamingResponseAsync(messages, null, either.Token).GetAsyncEnumerator(either.Token);

        // The telemetry keeps all updates until the end. One object without its content keeps that small.
        var piece = new ChatResponseUpdate { Role = ChatRole.Assistant };
        var last = new ChatResponseUpdate { Role = ChatRole.Assistant };
        while (await MoveNext(updates, last.FinishReason is not null, cancellationToken))
        {
            var update = updates.Current;
            piece.Contents = Pieces(update);
            if (piece.Contents.Count > 0) yield return piece;
            piece.Contents = [];

            foreach (var usage in update.Contents.OfType<UsageContent>().Where(IsPossible)) last.Contents = [usage];
            if (last.FinishReason is not null || update.FinishReason is null) continue;
            last.FinishReason = update.FinishReason;
            late.CancelAfter(UsageTimeout);
        }

        if (last.FinishReason is null) throw new ModelUnavailableException("The provider's stream ended without a finish reason.");
        yield return last;
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("Replies are streamed.");

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ChatClientMetadata) ? _metadata : null;

    public void Dispose() => _http.Dispose();

    private static async ValueTask<bool> MoveNext(IAsyncEnumerator<ChatResponseUpdate> updates, bool isFinished, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception) when (isFinished && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw ToFailure(e);
        }
    }

    // An exception of the library may contain text of the provider: neither it nor its message is passed on.
    private static ModelException ToFailure(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case ModelException failure:
                    return failure;
                case HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } request:
                    return new ModelUnavailableException($"The provider cannot be reached: {request.HttpRequestError}.");
                case IOException:
                    return new ModelUnavailableException("The connection to the provider broke.");
            }
        }

        return new ModelUnavailableException($"The provider's stream is invalid ({exception.GetType().Name}).");
    }

    private static bool IsPossible(UsageContent usage) => usage.Details is { InputTokenCount: >= 0, OutputTokenCount: >= 0 };

    private static List<AIContent> Pieces(ChatResponseUpdate update)
    {
        var pieces = new List<AIContent>(1);
#pragma warning disable SCME0001 // Patch is the only way to members that the library does not know.
        if (update.RawRepresentation is StreamingChatCompletionUpdate raw)
        {
            if (raw.Patch.TryGetJson("$.error"u8, out var error) && !error.Span.SequenceEqual("null"u8))
                throw new ModelUnavailableException($"The provider's stream contains an error{DescribeError(error)}.");
            if (Reasoning(raw) is { Length: > 0 } reasoning) pieces.Add(new TextReasoningContent(UnpairedSurrogates.Decode(reasoning)));
            if (raw.RefusalUpdate is { Length: > 0 } refusal) pieces.Add(new TextContent(UnpairedSurrogates.Decode(refusal)));
        }
#pragma warning restore SCME0001

        foreach (var content in update.Contents.OfType<TextContent>())
        {
            if (content.Text.Length > 0) pieces.Add(new TextContent(UnpairedSurrogates.Decode(content.Text)));
        }

        return pieces;
    }

#pragma warning disable SCME0001
    // DeepSeek and older vLLM write reasoning_content, Ollama, OpenRouter and newer vLLM reasoning.
    private static string? Reasoning(StreamingChatCompletionUpdate update) =>
        update.Patch.TryGetValue("$.choices[0].delta.reasoning_content"u8, out string? text) && text is { Length: > 0 } ? text
        : update.Patch.TryGetValue("$.choices[0].delta.reasoning"u8, out text) ? text
        : null;
#pragma warning restore SCME0001

    private static string DescribeError(ReadOnlyMemory<byte> error)
    {
        try
        {
            using var json = JsonDocument.Parse(error);
            return ProviderError.Describe(json.RootElement);
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
