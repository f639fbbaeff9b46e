using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Orion.Application.Replies;
using Orion.Domain.Replies;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// The model of a server without <c>MODEL_URL</c>, in this process. It writes <see cref="Text"/> at once, unless the test writes the replies
/// itself: see <see cref="TakeCalls"/>.
/// </summary>
public sealed class TestModel : IModelClient
{
    /// <summary>What it writes by itself.</summary>
    public const string Text = "Hello from the model.";

    private readonly ConcurrentQueue<ModelCall> _all = [];
    private Channel<ModelCall>? _calls;

    public IReadOnlyList<string> Names { get; init; } = ["test-large", "test-small"];

    /// <summary>From now on, the test writes the replies: see <see cref="NextCall"/>.</summary>
    public void TakeCalls() => _calls = Channel.CreateUnbounded<ModelCall>();

    /// <summary>Ends all calls. The model writes its text again.</summary>
    public async Task Reset()
    {
        _calls = null;
        while (_all.TryDequeue(out var call))
        {
            call.End();
            await Eventually.Until(() => call.HasEnded, "A call does not end.");
        }
    }

    /// <summary>The next call that the server makes.</summary>
    public async Task<ModelCall> NextCall()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _calls!.Reader.ReadAsync(timeout.Token);
    }

    public async IAsyncEnumerable<ModelUpdate> Stream(
        string model, IReadOnlyList<ModelMessage> messages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = new ModelCall(model, messages);
        _all.Enqueue(call);
        if (_calls is { } calls) calls.Writer.TryWrite(call);
        else call.Write(Text).Finish();
        try
        {
            await foreach (var update in call.Updates.ReadAllAsync(cancellationToken)) yield return update;
        }
        finally
        {
            call.HasEnded = true;
        }
    }
}

/// <summary>A call of the model, whose reply the test writes.</summary>
public sealed class ModelCall(string model, IReadOnlyList<ModelMessage> messages)
{
    private readonly Channel<ModelUpdate> _updates = Channel.CreateUnbounded<ModelUpdate>();
    private volatile bool _hasEnded;

    public string Model => model;

    public IReadOnlyList<ModelMessage> Messages => messages;

    /// <summary>Whether the server no longer reads the reply.</summary>
    public bool HasEnded
    {
        get => _hasEnded;
        internal set => _hasEnded = value;
    }

    internal ChannelReader<ModelUpdate> Updates => _updates.Reader;

    /// <summary>Writes text.</summary>
    public ModelCall Write(string text) => Add(new ModelUpdate.Delta(text, IsReasoning: false));

    /// <summary>Writes reasoning.</summary>
    public ModelCall Think(string text) => Add(new ModelUpdate.Delta(text, IsReasoning: true));

    /// <summary>Finishes the reply.</summary>
    public void Finish(bool isTruncated = false, TokenUsage? usage = null)
    {
        Add(new ModelUpdate.Finished(isTruncated, usage));
        _updates.Writer.Complete();
    }

    /// <summary>Fails.</summary>
    public void Fail(ModelFailure failure) => _updates.Writer.Complete(new ModelException(failure, "The test's failure."));

    internal void End() => _updates.Writer.TryComplete(new ModelException(ModelFailure.Unavailable, "The test is over."));

    private ModelCall Add(ModelUpdate update)
    {
        _updates.Writer.TryWrite(update);
        return this;
    }
}
