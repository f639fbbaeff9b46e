
namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// Tests that need servers with settings of their own. They ask nothing of a database that both systems could answer differently,
/// so that an embedded one does.
/// </summary>
public abstract class DedicatedTests : IAsyncLifetime
{
    private readonly SqliteDatabase _database = new();
    private readonly List<OrionServer> _servers = [];

    protected TestDatabase Database => _database;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var server in _servers) await server.DisposeAsync();
        await _database.DisposeAsync();
    }

    protected async Task<OrionServer> Start(params (string Name, string Value)[] settings)
    {
        var server = await OrionServer.Start(_database, settings);
        _servers.Add(server);
        return server;
    }
}
