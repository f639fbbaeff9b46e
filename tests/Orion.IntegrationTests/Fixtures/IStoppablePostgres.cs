using Npgsql;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A PostgreSQL server for one test, which can stop and freeze it.</summary>
public interface IStoppablePostgres : IAsyncDisposable
{
    /// <summary>The superuser's connection string. The port stays the same after a restart.</summary>
    NpgsqlConnectionStringBuilder Superuser { get; }

    /// <summary>Stops the server as an operator would. Its connections break.</summary>
    Task Stop();

    /// <summary>Starts the server again with its data.</summary>
    Task Start();

    /// <summary>Suspends all its processes: connections stay open and it does not respond.</summary>
    Task Freeze();

    /// <summary>Resumes the processes.</summary>
    Task Thaw();
}
