using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orion.IntegrationTests.Persistence;

/// <summary>On PostgreSQL: for these values, and for all (the plan that a prepared statement comes to).</summary>
[Collection(OnPostgres.Name)]
public sealed partial class QueryPlansOnPostgres(PostgresOrion orion) : QueryPlans(orion)
{
    protected override string Fill => $"""
        INSERT INTO sessions (owner_id, id, first_message, last_message, message_count, metadata, created_at, updated_at, archived_at, version)
        SELECT CASE WHEN n > {Others} THEN @p0 ELSE ('00000000-0000-7000-8000-' || lpad(to_hex(n / 7 % 50), 12, '0'))::uuid END,
               ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, 'First', 'Last', CASE WHEN n % 50 = 1 THEN {Messages} ELSE 0 END, '{"{}"}',
               timestamptz '2025-01-01Z' + n * interval '1 minute', timestamptz '2026-01-01Z' - n * interval '30 seconds',
               CASE WHEN n % 7 = 0 THEN timestamptz '2026-02-01Z' END, 4
        FROM generate_series(1, {Others + Own}) n;
        INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
        SELECT s.owner_id, s.id, n, ('00000000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid, 'user', 'Content', '{"{}"}', s.created_at
        FROM sessions s CROSS JOIN LATERAL generate_series(1, s.message_count) n
        """;

    protected override string FirstColumns => """
        SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid IN ('sessions'::regclass, 'messages'::regclass)
        """;

    protected override async Task Check(TestDatabase database, RecordedQuery query, string? column, bool isSorted)
    {
        var names = query.Parameters.Select(parameter => parameter.Key.TrimStart('@')).ToList();
        var values = query.Parameters.Select(parameter => parameter.Value).ToArray();
        var forThese = Parameter().Replace(query.Sql, match => $"@p{names.IndexOf(match.Groups[1].Value)}");
        ShouldBeIndexed(await database.Query($"EXPLAIN (FORMAT JSON) {forThese}", values), column, isSorted);

        var forAll = Parameter().Replace(query.Sql, match => $"${names.IndexOf(match.Groups[1].Value) + 1}");
        var types = string.Join(", ", values.Select(value => Literal(value).Type));
        var literals = string.Join(", ", values.Select(value => Literal(value).Text));
        ShouldBeIndexed(
            await database.Query(
                $"SET plan_cache_mode = force_generic_plan; PREPARE seen ({types}) AS {forAll}; EXPLAIN (FORMAT JSON) EXECUTE seen ({literals})"),
            column,
            // A range whose ends the planner does not know is a 200th of the rows to it, and so few are sorted quickly.
            isSorted && !(query.Sql.Contains("created_at >=", StringComparison.Ordinal) && query.Sql.Contains("created_at <=", StringComparison.Ordinal)));
    }

    private static (string Type, string Text) Literal(object value) => value switch
    {
        Guid id => ("uuid", $"'{id}'"),
        DateTimeOffset instant => ("timestamptz", $"'{instant.ToString("o", CultureInfo.InvariantCulture)}'"),
        DateTime instant => ("timestamptz", $"'{instant.ToString("o", CultureInfo.InvariantCulture)}'"),
        int number => ("integer", number.ToString(CultureInfo.InvariantCulture)),
        _ => throw new Xunit.Sdk.XunitException($"A parameter of a kind that the test does not know: {value.GetType()}"),
    };

    private static void ShouldBeIndexed(IReadOnlyList<string> rows, string? column, bool isSorted)
    {
        var text = rows[0].TrimEnd('|');
        using var plan = JsonDocument.Parse(text);
        var nodes = Nodes(plan.RootElement[0].GetProperty("Plan")).ToList();
        var scans = nodes.Where(node => node.TryGetProperty("Relation Name", out _)).ToList();
        Assert.True(scans.Count > 0, text);
        foreach (var scan in scans)
        {
            var conditions = Nodes(scan).Where(node => node.TryGetProperty("Index Cond", out _)).Select(node => node.GetProperty("Index Cond").GetString()!).ToList();
            Assert.True(conditions.Count > 0 && conditions.All(condition => condition.Contains("owner_id = ", StringComparison.Ordinal)), text);
            Assert.True(column is null || conditions.Any(condition => Names(condition, column)), $"Not by {column}: {text}");
        }

        Assert.True(!isSorted || nodes.All(node => !node.GetProperty("Node Type").GetString()!.Contains("Sort", StringComparison.Ordinal)), $"Sorted: {text}");
    }

    // By itself, or as the first of a row that is compared.
    private static bool Names(string condition, string column) =>
        condition.Contains($"{column} ", StringComparison.Ordinal) || condition.Contains($"ROW({column}, ", StringComparison.Ordinal);

    private static IEnumerable<JsonElement> Nodes(JsonElement node) =>
        node.TryGetProperty("Plans", out var below) ? below.EnumerateArray().SelectMany(Nodes).Prepend(node) : [node];

    [GeneratedRegex(@"@(\w+)")]
    private static partial Regex Parameter();
}
