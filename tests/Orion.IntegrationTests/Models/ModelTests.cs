using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Models;

namespace Orion.IntegrationTests.Models;

/// <summary>Tests of the client of the model's API, against the stand-in.</summary>
public abstract class ModelTests : IAsyncLifetime
{
    /// <summary>A text of the provider that Orion must not show.</summary>
    protected const string Secret = "The provider repeats the conversation here.";

    private ModelClient? _client;

    private protected ModelStandIn Model { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Model = await ModelStandIn.Start();

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await Model.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected static ModelMessage[] Hello => [new(ModelRole.User, "Hello")];

    protected static string TextOf(IEnumerable<ModelUpdate> updates) =>
        string.Concat(updates.OfType<ModelUpdate.Delta>().Where(delta => !delta.IsReasoning).Select(delta => delta.Text));

    private protected ModelClient Client(string? apiKey = ModelStandIn.ApiKey, int stall = 30)
    {
        _client?.Dispose();
        return _client = new ModelClient(
            new ModelSettings
            {
                Endpoint = new Uri(Model.Url),
                ApiKey = apiKey,
                Names = [ModelStandIn.Name, ModelStandIn.OtherName],
                StallTimeout = TimeSpan.FromSeconds(stall),
            },
            TimeProvider.System);
    }

    private protected async Task<List<ModelUpdate>> Read(
        ModelClient? client = null, string model = ModelStandIn.Name, IReadOnlyList<ModelMessage>? messages = null, List<ModelUpdate>? into = null)
    {
        into ??= [];
        await foreach (var update in (client ?? Client()).Stream(model, messages ?? Hello, Cancelled)) into.Add(update);
        return into;
    }

    // The exception, with everything in it that a log or a trace may show.
    private protected async Task<ModelException> Fails(ModelFailure expected, string? text = "", ModelClient? client = null)
    {
        client ??= Client();
        var updates = new List<ModelUpdate>();

        var failure = await Assert.ThrowsAnyAsync<ModelException>(() => Read(client, into: updates));

        Assert.Equal(expected, failure.Failure);
        Assert.DoesNotContain(Secret, failure.ToString(), StringComparison.Ordinal);
        Assert.Null(failure.InnerException);
        if (text is not null) Assert.Equal(text, TextOf(updates));
        Assert.DoesNotContain(updates, update => update is ModelUpdate.Finished);
        return failure;
    }
}
