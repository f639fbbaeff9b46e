using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orion.IntegrationTests.Persistence;

/// <summary>
/// On PostgreSQL, with both kinds of plans: one for the values (of a statement that is not prepared, and of the first executions of one that
/// is), and one for all values.
/// </summary>
[Collection(OnPostgres.Name)]
[OneInstance("These tests start their own servers.")]
public sealed partial class ReadCostsOnPostgres(PostgresOrion orion) : ReadCosts(orion)
{
    private const int ConstantRows = 20;

    // A page of the index for each level and each part of a list, and new pages whose hints are not set yet.
    private const int ConstantBuffers = 50;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_server_counts_few_rows_for_real_requests(bool isPrepared)
    {
        await using var database = await CreateDatabase();
        await using (var server = await OrionServer.Start(database, ("DB_PREPARED_STATEMENTS", isPrepared ? "true" : "false")))
        {
            var owner = Guid.Parse((await database.Query("SELECT id FROM authorized_users"))[0].TrimEnd('|'));
            await database.Execute(Fill("n = 2 OR (n % 2 = 1 AND n < 800)", messages: 1), owner);
            await database.Execute("ANALYZE");
            // What these statements read is reported before the counters are reset, not after.
            await database.Execute($"{Fill("TRUE", messages: 10)}; SELECT pg_stat_force_next_flush()", owner);
            await database.Execute("SELECT pg_stat_reset()");
            // Often enough for the driver to prepare them, and for the server to prefer the plan for all values.
            for (var round = 0; round < 20; round++)
            {
                foreach (var list in (string[])["?limit=50", "?limit=50&archived=any", "?limit=50&archived=true&sortBy=createdAt"])
                    (await server.Api.Get($"/api/sessions{list}")).Should(200);
            }
        }

        // A connection reports what it counted when it ends.
        await Eventually.Until(async () => await Rows() >= 3 * 20 * 50, "The server counts too few rows.");
        Assert.InRange(await Rows(), 3 * 20 * 50, 3 * 20 * ((5 * 50) + ConstantRows));

        async Task<long> Rows() => long.Parse(
            (await database.Query("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'sessions'"))[0].TrimEnd('|'),
            CultureInfo.InvariantCulture);
    }

    protected override string Fill(string sessions, int messages) => $"""
        ALTER TABLE sessions SET (autovacuum_enabled = FALSE);
        ALTER TABLE messages SET (autovacuum_enabled = FALSE);
        INSERT INTO sessions (owner_id, id, first_message, last_message, message_count, metadata, created_at, updated_at, archived_at, version, indexed_version)
        SELECT CASE WHEN n % 2 = 0 THEN @p0 ELSE ('00000000-0000-7000-8000-' || lpad(to_hex(n / 2 % 400), 12, '0'))::uuid END,
               ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, repeat('First ', 20), repeat('Last ', 20),
               CASE WHEN n = 2 THEN {Messages} WHEN n % 50 = 1 THEN 10 ELSE 0 END, '{"{}"}',
               timestamptz '{CreatedAt(0):O}' + n * interval '1 minute',
               timestamptz '{CreatedAt(0):O}' + CASE WHEN n % 4 = 2 THEN n + 30 ELSE n END * interval '1 minute',
               CASE WHEN n % 7 = 0 THEN timestamptz '2026-02-01Z' END, 4, 4
        FROM generate_series(1, {Own + Others}) n WHERE {sessions}
        ON CONFLICT DO NOTHING;
        INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
        SELECT s.owner_id, s.id, n, ('00000000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid, 'user', 'Content', '{"{}"}', s.created_at
        FROM sessions s CROSS JOIN LATERAL generate_series(1, CASE WHEN {messages} = 1 THEN 1 ELSE s.message_count END) n
        WHERE s.message_count > 0
        ON CONFLICT DO NOTHING
        """;

    protected override string FirstColumns => """
        SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid IN ('sessions'::regclass, 'messages'::regclass)
        """;

    protected override async Task ShouldBeBounded(TestDatabase database, RecordedQuery query, int changed)
    {
        var names = query.Parameters.Select(parameter => parameter.Key.TrimStart('@')).ToList();
        var statement = Parameter().Replace(query.Sql, match => $"${names.IndexOf(match.Groups[1].Value) + 1}");
        var literals = query.Parameters.Select(parameter => Literal(parameter.Value)).ToList();
        var types = string.Join(", ", literals.Select(literal => literal.Type));
        var values = string.Join(", ", literals.Select(literal => literal.Text));
        foreach (var mode in (string[])["force_custom_plan", "force_generic_plan"])
        {
            var explained = await database.Query(
                $"SET plan_cache_mode = {mode}; PREPARE seen ({types}) AS {statement}; EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE seen ({values})");
            using var json = JsonDocument.Parse(explained[0].TrimEnd('|'));
            var plan = json.RootElement[0].GetProperty("Plan");
            var nodes = Nodes(plan).ToList();
            var returned = Number(plan, "Actual Rows") + changed;
            var read = nodes.Where(node => node.TryGetProperty("Relation Name", out _)).Sum(node => Number(node, "Actual Loops")
                * (Number(node, "Actual Rows") + Number(node, "Rows Removed by Filter") + Number(node, "Rows Removed by Index Recheck")));
            var buffers = Number(plan, "Shared Hit Blocks") + Number(plan, "Shared Read Blocks");

            Assert.True(read <= (5 * returned) + ConstantRows, $"{mode} reads {read} rows for {returned}: {explained[0]}");
            Assert.True(buffers <= (5 * returned) + ConstantBuffers, $"{mode} reads {buffers} buffers for {returned} rows: {explained[0]}");
            Assert.True(
                query.Sql.Contains(" id = $", StringComparison.Ordinal)
                    || nodes.All(node => !node.GetProperty("Node Type").GetString()!.Contains("Sort", StringComparison.Ordinal)),
                $"{mode} sorts: {explained[0]}");
        }
    }

    private static long Number(JsonElement node, string name) => node.TryGetProperty(name, out var number) ? number.GetInt64() : 0;

    private static (string Type, string Text) Literal(object value) => value switch
    {
        Guid id => ("uuid", $"'{id}'"),
        DateTimeOffset instant => ("timestamptz", $"'{instant.ToString("o", CultureInfo.InvariantCulture)}'"),
        DateTime instant => ("timestamptz", $"'{instant.ToString("o", CultureInfo.InvariantCulture)}'"),
        int number => ("integer", number.ToString(CultureInfo.InvariantCulture)),
        _ => throw new Xunit.Sdk.XunitException($"A parameter of a type that the test does not know: {value.GetType()}"),
    };

    private static IEnumerable<JsonElement> Nodes(JsonElement node) =>
        node.TryGetProperty("Plans", out var below) ? below.EnumerateArray().SelectMany(Nodes).Prepend(node) : [node];

    [GeneratedRegex(@"@(\w+)")]
    private static partial Regex Parameter();
}
