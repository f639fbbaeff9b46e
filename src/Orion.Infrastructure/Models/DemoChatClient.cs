using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Orion.Application.Concurrency;

namespace Orion.Infrastructure.Models;

/// <summary>The built-in demonstration: streams a fixed text about itself, and looks at no message.</summary>
internal sealed class DemoChatClient(TimeProvider clock) : IChatClient
{
    /// <summary>The reply.</summary>
    public const string Text =
        "This is Orion's built-in demonstration, not a model. It always replies with this text, word by word, so that you can try the chat: " +
        "let it stream, stop it, or reload the page in the middle.\n\nTo connect a model, set `MODEL_URL` to the address of an OpenAI-compatible " +
        "API, `MODEL_NAMES` to the names of its models and, if it needs one, `MODEL_API_KEY` to its key. Then restart Orion. " +
        "`docs/models.md` has examples.";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var words = Text.Split(' ');
        foreach (var (index, word) in words.Index())
        {
            await clock.Delay(Pause, cancellationToken);
            yield return new ChatResponseUpdate(ChatRole.Assistant, index == 0 ? word : $" {word}");
        }

        yield return new ChatResponseUpdate { Role = ChatRole.Assistant, FinishReason = ChatFinishReason.Stop };
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("Replies are streamed.");

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("orion.demo") : null;

    public void Dispose()
    {
    }
}
