using System.Data.Common;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Npgsql;
using Respawn;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A new database on a PostgreSQL server, dropped at the end.</summary>
public sealed class PostgresDatabase : TestDatabase
{
    private static readonly RespawnerOptions Reach = new()
    {
        DbAdapter = DbAdapter.Postgres,
        SchemasToInclude = ["public"],
        TablesToIgnore = ["__EFMigrationsHistory", "authorized_users"],
    };

    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly NpgsqlConnectionStringBuilder _database;
    private Respawner? _respawner;

    private PostgresDatabase(NpgsqlConnectionStringBuilder server, string name)
    {
        _server = server;
        _database = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name, MaxPoolSize = 4, Timeout = 5 };
        Settings = new Dictionary<string, string> { ["DATABASE_URL"] = Url(_database) };
    }

    public override string System => "postgresql";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string? Password => _server.Password;

    /// <summary>The address without credentials, as the health response may show it.</summary>
    public string Address => $"postgresql://{_database.Host}:{_database.Port}/{_database.Database}";

    /// <summary>Whether it is a <see cref="PartitionedDatabase"/>.</summary>
    internal bool IsPartitioned { get; set; }

    /// <summary>The owner's connection string.</summary>
    public NpgsqlConnectionStringBuilder Connection => _database;

    public override async Task<DbConnection> Hold(string session)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Connection.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"BEGIN; SELECT 1 FROM sessions WHERE id = '{session}' FOR UPDATE", connection);
        Assert.Equal(1, await command.ExecuteScalarAsync());
        return connection;
    }

    /// <summary>The same database on another server of the machine. It is not dropped with this one.</summary>
    internal PostgresDatabase At(int port) => new(new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Port = port }, _database.Database!);

    /// <summary>Creates an empty database.</summary>
    public static async Task<PostgresDatabase> Create(NpgsqlConnectionStringBuilder server)
    {
        var name = $"orion_test_{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        await OnServer(server, $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        return new PostgresDatabase(server, name);
    }

    /// <summary>A connection string in the form of DATABASE_URL.</summary>
    public static string Url(NpgsqlConnectionStringBuilder to)
    {
        var isLoopback = to.Host == "localhost" || (IPAddress.TryParse(to.Host, out var address) && IPAddress.IsLoopback(address));
        var user = $"{Uri.EscapeDataString(to.Username ?? "")}:{Uri.EscapeDataString(to.Password ?? "")}";
        // By default, Orion requires a valid certificate of another host. A test database need not have one.
        return string.Create(CultureInfo.InvariantCulture, $"postgresql://{user}@{to.Host}:{to.Port}/{to.Database}{(isLoopback ? "" : "?sslmode=disable")}");
    }

    public override object Id(Guid id) => id;

    public override object Instant(DateTimeOffset instant) => instant.ToUniversalTime();

    public override async Task Reset()
    {
        if (IsPartitioned)
        {
            // Truncating a hundred parts takes seconds.
            await Execute(string.Join(';', (await Tables()).Select(table => $"DELETE FROM {table}")));
            return;
        }

        await using var connection = await Open();
        _respawner ??= await Respawner.CreateAsync(connection, Reach);
        await _respawner.ResetAsync(connection);
    }

    public override async ValueTask DisposeAsync()
    {
        ClearPool();
        try
        {
            await OnServer(_server, $"DROP DATABASE IF EXISTS {_database.Database} WITH (FORCE)");
        }
        catch (NpgsqlException lost) when (lost is not PostgresException)
        {
            // The test has stopped its own server. The exception must not hide the failure of the test.
        }
    }

    /// <summary>Closes the connections of tests.</summary>
    internal void ClearPool()
    {
        using var pooled = new NpgsqlConnection(_database.ConnectionString);
        NpgsqlConnection.ClearPool(pooled);
    }

    protected override async Task<IReadOnlyList<string>> Tables() =>
    [
        .. (await Query(
            @"SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname NOT LIKE '\_\_EF%' AND relname <> 'authorized_users' ORDER BY 1"))
            .Select(row => row.TrimEnd('|')),
    ];

    protected override async Task<DbConnection> Open()
    {
        var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task OnServer(NpgsqlConnectionStringBuilder server, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
