using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A SQLite database in its own data folder, deleted at the end.</summary>
public sealed class SqliteDatabase : TestDatabase
{
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;
    private readonly string _connection;

    public SqliteDatabase()
    {
        DataFolder = Directory.CreateTempSubdirectory("orion-test-").FullName;
        _connection = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(DataFolder, "orion.db"),
            Pooling = false,
            DefaultTimeout = 30,
        }.ConnectionString;
        Settings = new Dictionary<string, string>
        {
            ["DATABASE_URL"] = "sqlite:orion.db",
            ["ORION_DATA_DIR"] = DataFolder,
        };
    }

    public override string System => "sqlite";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Where it is.</summary>
    public string DataFolder { get; }

    // The format of EF Core.
    public override object Id(Guid id) => id.ToString().ToUpperInvariant();

    public override object Instant(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TicksPerMicrosecond;

    public override async Task Reset()
    {
        await Execute(
            "PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE; "
            + string.Concat((await Tables()).Select(table => $"DELETE FROM \"{table}\"; "))
            + "COMMIT");
    }

    public override async Task<DbConnection> Hold(string session)
    {
        var connection = await Open();
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    public override ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(DataFolder, recursive: true);
        return ValueTask.CompletedTask;
    }

    protected override async Task<IReadOnlyList<string>> Tables() =>
    [
        .. (await Query(
            @"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE '\_\_EF%' ESCAPE '\' AND name <> 'authorized_users' AND name NOT LIKE 'search\_tokens%' ESCAPE '\' ORDER BY name"))
            .Select(row => row.TrimEnd('|')),
    ];

    protected override async Task<DbConnection> Open()
    {
        var connection = new SqliteConnection(_connection);
        await connection.OpenAsync();
        return connection;
    }
}
