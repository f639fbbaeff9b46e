namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// Tests that run on both databases: an abstract class with the tests, and a sealed subclass for each collection.
/// Each test begins with a database that is empty except for the allow-list.
/// </summary>
public abstract class OrionTests(OrionFixture orion) : IAsyncLifetime
{
    protected OrionFixture Orion => orion;

    protected OrionServer Server => orion.Server;

    /// <summary>The owner's requests.</summary>
    protected ApiClient Api => orion.Server.Api;

    /// <summary>The requests of another authorized user.</summary>
    protected ApiClient Friend => orion.Server.As(OrionFixture.Friend);

    public async ValueTask InitializeAsync() => await orion.Reset();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var check in orion.Server.Partitions) check.Verify();
        return ValueTask.CompletedTask;
    }

    /// <summary>Asserts that the stored data does not change meanwhile.</summary>
    protected async Task<ApiResponse> ChangesNothing(Func<Task<ApiResponse>> request)
    {
        var before = await orion.Database.Snapshot();
        var response = await request();
        Assert.Equal(before, await orion.Database.Snapshot());
        return response;
    }
}
