using System.Data.Common;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Npgsql;
using Respawn;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A database of its own on a PostgreSQL server, dropped at the end.</summary>
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

    /// <summary>The address without credentials, as the health answer may show it.</summary>
    public string Address => $"postgresql://{_database.Host}:{_database.Port}/{_database.Database}";

    /// <summary>How its owner connects.</summary>
    public NpgsqlConnectionStringBuilder Connection => _database;

    public override async Task<DbConnection> Hold(string session)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Connection.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"BEGIN; SELECT 1 FROM sessions WHERE id = '{session}' FOR UPDATE", connection);
        Assert.Equal(1, await command.ExecuteScalarAsync());
        return connection;
    }

    /// <summary>Makes an empty one.</summary>
    public static async Task<PostgresDatabase> Create(NpgsqlConnectionStringBuilder server)
    {
        var name = $"orion_test_{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        await OnServer(server, $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        return new PostgresDatabase(server, name);
    }

    /// <summary>A connection as DATABASE_URL names it.</summary>
    public static string Url(NpgsqlConnectionStringBuilder to)
    {
        var isLoopback = to.Host == "localhost" || (IPAddress.TryParse(to.Host, out var address) && IPAddress.IsLoopback(address));
        var user = $"{Uri.EscapeDataString(to.Username ?? "")}:{Uri.EscapeDataString(to.Password ?? "")}";
        // A test database on another host is the tester's affair; Orion alone would insist on its certificate.
        return string.Create(CultureInfo.InvariantCulture, $"postgresql://{user}@{to.Host}:{to.Port}/{to.Database}{(isLoopback ? "" : "?sslmode=disable")}");
    }

    public override object Id(Guid id) => id;

    public override object Instant(DateTimeOffset instant) => instant.ToUniversalTime();

    public override async Task Reset()
    {
        await using var connection = await Open();
        _respawner ??= await Respawner.CreateAsync(connection, Reach);
        await _respawner.ResetAsync(connection);
    }

    public override async ValueTask DisposeAsync()
    {
        await using (var pooled = new NpgsqlConnection(_database.ConnectionString)) NpgsqlConnection.ClearPool(pooled);
        try
        {
            await OnServer(_server, $"DROP DATABASE IF EXISTS {_database.Database} WITH (FORCE)");
        }
        catch (NpgsqlException lost) when (lost is not PostgresException)
        {
            // A server of a test's own that did not come back goes with its databases; what the test found is to be seen.
        }
    }

    protected override async Task<IReadOnlyList<string>> Tables() =>
    [
        .. (await Query(
            @"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\_\_EF%' AND tablename <> 'authorized_users' ORDER BY 1"))
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
