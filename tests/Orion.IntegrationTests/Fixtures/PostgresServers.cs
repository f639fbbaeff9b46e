using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServers))]

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// The PostgreSQL of a test run: the one in ORION_TEST_POSTGRES, otherwise one in Docker, otherwise a private one from the machine's
/// own programs. Without any, the tests fail with a message about what to install; they are not skipped.
/// </summary>
public sealed class PostgresServers : IAsyncDisposable
{
    private const string GivenVariable = "ORION_TEST_POSTGRES";

    private const string WhatToInstall =
        $"There is no PostgreSQL for the tests. Name one in {GivenVariable} (a superuser's connection string), or start Docker, "
        + "or install the server's programs (Debian: apt-get install postgresql).";

    private readonly SemaphoreSlim _lock = new(1);
    private readonly List<IStoppablePostgres> _private = [];
    private NpgsqlConnectionStringBuilder? _shared;
    private Exception? _failure;

    /// <summary>The connection string of the server that all tests share, for a role that may create databases.</summary>
    public async Task<NpgsqlConnectionStringBuilder> Shared()
    {
        await _lock.WaitAsync();
        try
        {
            if (_failure is not null) throw new InvalidOperationException(_failure.Message, _failure);
            return _shared ??= Given() ?? (await Make()).Superuser;
        }
        catch (Exception exception)
        {
            _failure ??= exception;
            throw;
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>A server for one test, which may stop it. Local programs are preferred to a container, because they start faster.</summary>
    public static async Task<IStoppablePostgres> StartStoppable()
    {
        if (PostgresBinaries.Find() is { } binaries) return await PostgresCluster.Create(binaries);
        if (await PostgresContainer.EngineResponds()) return await PostgresContainer.Create();
        throw new InvalidOperationException(WhatToInstall);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        foreach (var server in _private) await server.DisposeAsync();
        _lock.Dispose();
    }

    private static NpgsqlConnectionStringBuilder? Given()
    {
        var given = Environment.GetEnvironmentVariable(GivenVariable);
        if (string.IsNullOrWhiteSpace(given)) return null;
        Report($"the one that {GivenVariable} names");
        if (!given.StartsWith("postgres", StringComparison.Ordinal) || !Uri.TryCreate(given, UriKind.Absolute, out var address))
        {
            return new NpgsqlConnectionStringBuilder(given);
        }

        var user = address.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        return new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.IsDefaultPort || address.Port < 0 ? 5432 : address.Port,
            Username = user[0],
            Password = user.ElementAtOrDefault(1),
            Database = address.AbsolutePath.Trim('/') is { Length: > 0 } name ? name : "postgres",
        };
    }

    private static void Report(string which)
    {
        TestContext.Current.SendDiagnosticMessage("PostgreSQL for the tests: {0}", which);
        Console.Error.WriteLine($"PostgreSQL for the tests: {which}");
    }

    private async Task<IStoppablePostgres> Make()
    {
        var server = await InDocker() ?? await FromPrograms() ?? throw new InvalidOperationException(WhatToInstall);
        _private.Add(server);
        return server;
    }

    private static async Task<IStoppablePostgres?> InDocker()
    {
        if (!await PostgresContainer.EngineResponds()) return null;
        try
        {
            var container = await PostgresContainer.Create();
            Report($"a container of {PostgresContainer.Image}");
            return container;
        }
        catch (Exception exception) when (!PostgresContainer.IsImageConfigured && PostgresBinaries.Find() is not null)
        {
            Report($"no container of {PostgresContainer.Image} ({exception.Message}); going on with the machine's own programs");
            return null;
        }
    }

    private static async Task<IStoppablePostgres?> FromPrograms()
    {
        if (PostgresBinaries.Find() is not { } binaries) return null;
        var cluster = await PostgresCluster.Create(binaries);
        Report($"a private cluster from {binaries.Folder}, version {binaries.Version}");
        return cluster;
    }
}
