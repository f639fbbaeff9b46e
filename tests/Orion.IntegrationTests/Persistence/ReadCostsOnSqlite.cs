using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Orion.IntegrationTests.Persistence;

/// <summary>On SQLite, which counts the steps of its virtual machine: about 30 for each row that it returns, and 10 for one that it skips.</summary>
[Collection(OnSqlite.Name)]
public sealed class ReadCostsOnSqlite(SqliteOrion orion) : ReadCosts(orion)
{
    private const long Minute = 60_000_000;
    private const int StepsOfRow = 60;
    private const int ConstantSteps = 500;

    protected override string Fill(string sessions, int messages) => $"""
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {Own + Others})
        INSERT INTO sessions (owner_id, id, first_message, last_message, message_count, metadata, created_at, updated_at, archived_at, version, indexed_version)
        SELECT CASE WHEN n % 2 = 0 THEN @p0 ELSE '00000000-0000-7000-8000-' || printf('%012X', n / 2 % 400) END,
               '00000000-0000-7000-9000-' || printf('%012X', n), 'First', 'Last',
               CASE WHEN n = 2 THEN {Messages} WHEN n % 50 = 1 THEN 10 ELSE 0 END, '{"{}"}',
               {Microseconds} + n * {Minute}, {Microseconds} + CASE WHEN n % 4 = 2 THEN n + 30 ELSE n END * {Minute},
               CASE WHEN n % 7 = 0 THEN 1769904000000000 END, 4, 4
        FROM numbers WHERE {sessions}
        ON CONFLICT DO NOTHING;
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {Messages})
        INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
        SELECT s.owner_id, s.id, n, '00000000-0000-7000-A000-' || printf('%012X', n), 'user', 'Content', '{"{}"}', s.created_at
        FROM sessions s CROSS JOIN numbers ON n <= CASE WHEN {messages} = 1 THEN 1 ELSE s.message_count END
        WHERE s.message_count > 0 ON CONFLICT DO NOTHING
        """;

    protected override string FirstColumns => """
        SELECT i.name, c.name FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
        WHERE t.type = 'table' AND t.name IN ('sessions', 'messages') AND c.seqno = 0
        """;

    private static long Microseconds => (CreatedAt(0) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    protected override async Task ShouldBeBounded(TestDatabase database, RecordedQuery query, int changed)
    {
        var path = Path.Combine(((SqliteDatabase)database).DataFolder, "orion.db");
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_prepare_v2(connection.Handle, query.Sql, out var statement));
        using (statement)
        {
            foreach (var (name, value) in query.Parameters)
            {
                var index = raw.sqlite3_bind_parameter_index(statement, name[0] is '$' or '@' ? name : $"@{name}");
                Assert.Equal(raw.SQLITE_OK, value switch
                {
                    int number => raw.sqlite3_bind_int64(statement, index, number),
                    long number => raw.sqlite3_bind_int64(statement, index, number),
                    string text => raw.sqlite3_bind_text(statement, index, text),
                    Guid id => raw.sqlite3_bind_text(statement, index, id.ToString().ToUpperInvariant()),
                    _ => throw new Xunit.Sdk.XunitException($"A parameter of a type that the test does not know: {value.GetType()}"),
                });
            }

            var returned = changed;
            while (raw.sqlite3_step(statement) == raw.SQLITE_ROW) returned++;
            var (steps, sorts, scanned) =
                (Count(raw.SQLITE_STMTSTATUS_VM_STEP), Count(raw.SQLITE_STMTSTATUS_SORT), Count(raw.SQLITE_STMTSTATUS_FULLSCAN_STEP));
            Assert.True(
                steps <= (StepsOfRow * returned) + ConstantSteps && sorts == 0 && scanned == 0,
                $"{steps} steps, {sorts} sorts and {scanned} rows of a full scan for {returned} rows");
        }

        int Count(int counter) => raw.sqlite3_stmt_status(statement, counter, 0);
    }
}
