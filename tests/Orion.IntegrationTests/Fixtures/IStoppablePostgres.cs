using Npgsql;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A PostgreSQL of one test's own, which that test may stop and freeze.</summary>
public interface IStoppablePostgres : IAsyncDisposable
{
    /// <summary>How its superuser connects; the port stays the same over a stop.</summary>
    NpgsqlConnectionStringBuilder Superuser { get; }

    /// <summary>Ends the server as an operator would; its connections break.</summary>
    Task Stop();

    /// <summary>Starts it again, with its data.</summary>
    Task Start();

    /// <summary>Halts every process of it: connections stay open and nothing answers.</summary>
    Task Freeze();

    /// <summary>Lets them run on.</summary>
    Task Thaw();
}
