using System.Globalization;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A server with its database, shared by the tests of a collection, which run one after another.</summary>
public abstract class OrionFixture : IAsyncLifetime
{
    /// <summary>A second user on the allow-list.</summary>
    public const string Friend = "friend@example.com";

    private OrionServer? _server;

    /// <summary>How many instances of Orion use the database.</summary>
    protected virtual int Instances => 1;

    public OrionServer Server => _server ?? throw new InvalidOperationException("The fixture has not been started.");

    public TestDatabase Database => Server.Database;

    /// <summary>A new, empty database of the same system.</summary>
    public abstract Task<TestDatabase> CreateDatabase();

    public async ValueTask InitializeAsync()
    {
        _server = await OrionServer.Start(await CreateDatabase(), Instances);
        await Authorize(Friend);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_server is null) return;
        await _server.DisposeAsync();
        await _server.Database.DisposeAsync();
    }

    /// <summary>
    /// Adds a user to the allow-list directly in the database. The address must be new to Orion, because Orion caches its lookups.
    /// </summary>
    public Task Authorize(string email) => Database.Authorize(email, TimeProvider.System.GetUtcNow());

    /// <summary>Deletes the data of the previous test.</summary>
    public async Task Reset()
    {
        Server.Clock.Start();
        await Server.Model.Reset();

        // Their last transactions would collide with the deletion.
        await Eventually.Until(
            async () => await Database.Query("SELECT count(*) FROM replies WHERE status = 'streaming'") is ["0|"], "A reply does not end.");
        await Database.Reset();
    }
}

/// <summary>On PostgreSQL, with as many instances as ORION_TEST_INSTANCES says: tests/run.sh --two-instances.</summary>
public sealed class PostgresOrion(PostgresServers servers) : OrionFixture
{
    protected override int Instances { get; } = int.Parse(Environment.GetEnvironmentVariable("ORION_TEST_INSTANCES") ?? "1", CultureInfo.InvariantCulture);

    public override async Task<TestDatabase> CreateDatabase() => PartitionedDatabase.Parts is { } parts
        ? await PartitionedDatabase.Create(await servers.Shared(), parts)
        : await PostgresDatabase.Create(await servers.Shared());
}

/// <summary>On SQLite.</summary>
public sealed class SqliteOrion : OrionFixture
{
    public override Task<TestDatabase> CreateDatabase() => Task.FromResult<TestDatabase>(new SqliteDatabase());
}

// With tests/run.sh --two-instances, these tests run again: see OneInstanceAttribute.
[CollectionDefinition(Name)]
[Trait("Instances", "several")]
public sealed class OnPostgres : ICollectionFixture<PostgresOrion>
{
    public const string Name = "PostgreSQL";
}

[CollectionDefinition(Name)]
public sealed class OnSqlite : ICollectionFixture<SqliteOrion>
{
    public const string Name = "SQLite";
}

// Collections run in parallel. With only one for each database, only one test would run on each most of the time.
[CollectionDefinition(Name)]
public sealed class CliOnPostgres : ICollectionFixture<PostgresOrion>
{
    public const string Name = "Command line, PostgreSQL";
}

[CollectionDefinition(Name)]
public sealed class CliOnSqlite : ICollectionFixture<SqliteOrion>
{
    public const string Name = "Command line, SQLite";
}

[CollectionDefinition(Name)]
public sealed class TelemetryOnPostgres : ICollectionFixture<PostgresOrion>
{
    public const string Name = "Telemetry, PostgreSQL";
}

[CollectionDefinition(Name)]
public sealed class TelemetryOnSqlite : ICollectionFixture<SqliteOrion>
{
    public const string Name = "Telemetry, SQLite";
}

/// <summary>Tests that measure waiting times. They run one after another and not in parallel with others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Timed
{
    public const string Name = "Timed";
}
