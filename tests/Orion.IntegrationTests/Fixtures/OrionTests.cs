namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// A subject's tests, the same on both databases: an abstract class with the tests, and one sealed subclass for each collection.
/// Each test begins with an empty database (but for the allow-list).
/// </summary>
public abstract class OrionTests(OrionFixture orion) : IAsyncLifetime
{
    protected OrionFixture Orion => orion;

    protected OrionServer Server => orion.Server;

    /// <summary>The owner's requests.</summary>
    protected ApiClient Api => orion.Server.Api;

    /// <summary>Another authorized person's requests.</summary>
    protected ApiClient Friend => orion.Server.As(OrionFixture.Friend);

    public async ValueTask InitializeAsync() => await orion.Reset();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Proves that nothing stored has changed meanwhile.</summary>
    protected async Task<ApiResponse> LeavesNoTrace(Func<Task<ApiResponse>> request)
    {
        var before = await orion.Database.Snapshot();
        var answer = await request();
        Assert.Equal(before, await orion.Database.Snapshot());
        return answer;
    }
}
