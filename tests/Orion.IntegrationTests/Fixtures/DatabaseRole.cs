using System.Security.Cryptography;
using Npgsql;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A role for one test, with all rights in one database. It is dropped at the end with everything that it owns there.</summary>
internal sealed class DatabaseRole : IAsyncDisposable
{
    private readonly PostgresDatabase _database;

    private DatabaseRole(PostgresDatabase database, string name, string password)
    {
        _database = database;
        Name = name;
        Connection = new NpgsqlConnectionStringBuilder(database.Connection.ConnectionString) { Username = name, Password = password, Pooling = false };
    }

    public string Name { get; }

    public NpgsqlConnectionStringBuilder Connection { get; }

    /// <summary>The setting with which Orion connects as this role.</summary>
    public (string Name, string Value) Url => ("DATABASE_URL", PostgresDatabase.Url(Connection));

    public static async Task<DatabaseRole> Create(PostgresDatabase database)
    {
        var role = new DatabaseRole(database, $"orion_role_{RandomNumberGenerator.GetHexString(12, lowercase: true)}", RandomNumberGenerator.GetHexString(16));
        await database.Execute($"""
            CREATE ROLE {role.Name} LOGIN PASSWORD '{role.Connection.Password}';
            GRANT ALL ON DATABASE {database.Connection.Database} TO {role.Name};
            GRANT ALL ON SCHEMA public TO {role.Name};
            """);
        return role;
    }

    /// <summary>Runs <c>ALTER ROLE … what</c>. It applies to new connections.</summary>
    public Task Alter(string what) => _database.Execute($"ALTER ROLE {Name} {what}");

    /// <summary>Ends its connections.</summary>
    public Task EndConnections() => _database.Query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = @p0", Name);

    public async ValueTask DisposeAsync()
    {
        await EndConnections();
        await _database.Execute($"DROP OWNED BY {Name} CASCADE; DROP ROLE {Name}");
    }
}
