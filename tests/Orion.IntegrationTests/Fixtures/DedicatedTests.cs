
namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// Tests that need servers with their own settings. They do not depend on the database system,
/// so they use SQLite.
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
