using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Orion.Application.Replies;
using Orion.Application.Telemetry;
using Orion.Domain.Replies;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Models;

/// <summary>The model of the settings, with metrics and traces by OpenTelemetry's conventions for generative AI, without any text.</summary>
internal sealed class ModelClient : IModelClient, IDisposable
{
    private readonly OpenTelemetryChatClient? _client;

    public ModelClient(ModelSettings? settings, TimeProvider clock)
    {
        Names = settings?.Names ?? [];
        if (settings is null) return;
        IChatClient model = settings.Endpoint is null
            ? new DemoChatClient(clock)
            : new OpenAIStreamClient(settings.Endpoint, settings.ApiKey, settings.Names, settings.StallTimeout, clock);
        // By default an environment variable decides.
        _client = new OpenTelemetryChatClient(model, logger: null, OrionTelemetry.Name) { EnableSensitiveData = false };
    }

    public IReadOnlyList<string> Names { get; }

    public async IAsyncEnumerable<ModelUpdate> Stream(
        string model, IReadOnlyList<ModelMessage> messages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_client is null) throw new InvalidOperationException("No model is configured.");

        var options = new ChatOptions { ModelId = model };
        ModelUpdate.Finished? finished = null;
        await foreach (var update in _client.GetStreamingResponseAsync(messages.Select(ToChatMessage), options, cancellationToken))
        {
            foreach (var content in update.Contents)
            {
                if (content is TextContent { Text: var text }) yield return new ModelUpdate.Delta(text, IsReasoning: false);
                if (content is TextReasoningContent { Text: var reasoning }) yield return new ModelUpdate.Delta(reasoning, IsReasoning: true);
            }

            if (update.FinishReason is { } reason) finished = new ModelUpdate.Finished(reason == ChatFinishReason.Length, UsageOf(update));
        }

        yield return finished ?? throw new ModelUnavailableException("The stream ended without a finish reason.");
    }

    public void Dispose() => _client?.Dispose();

    private static TokenUsage? UsageOf(ChatResponseUpdate update) =>
        update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details is { InputTokenCount: { } input, OutputTokenCount: { } output }
            ? new TokenUsage(input, output)
            : null;

    private static ChatMessage ToChatMessage(ModelMessage message) => new(
        message.Role switch
        {
            ModelRole.System => ChatRole.System,
            ModelRole.User => ChatRole.User,
            _ => ChatRole.Assistant,
        },
        message.Text);
}
