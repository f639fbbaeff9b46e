using System.Text.RegularExpressions;

namespace Orion.IntegrationTests.Persistence;

[Collection(OnSqlite.Name)]
public sealed partial class QueryPlansOnSqlite(SqliteOrion orion) : QueryPlans(orion)
{
    private const long Minute = 60_000_000;

    protected override string Fill => $"""
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {Others + Own})
        INSERT INTO sessions (owner_id, id, first_message, last_message, message_count, metadata, created_at, updated_at, archived_at, version)
        SELECT CASE WHEN n > {Others} THEN @p0 ELSE '00000000-0000-7000-8000-' || printf('%012X', n / 7 % 50) END,
               '00000000-0000-7000-9000-' || printf('%012X', n), 'First', 'Last', CASE WHEN n % 50 = 1 THEN {Messages} ELSE 0 END, '{"{}"}',
               1735689600000000 + n * {Minute}, 1767225600000000 - n * {Minute / 2}, CASE WHEN n % 7 = 0 THEN 1769904000000000 END, 4
        FROM numbers;
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {Messages})
        INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
        SELECT s.owner_id, s.id, n, '00000000-0000-7000-A000-' || printf('%012X', n), 'user', 'Content', '{"{}"}', s.created_at
        FROM sessions s JOIN numbers ON n <= s.message_count
        """;

    protected override string FirstColumns => """
        SELECT i.name, c.name FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
        WHERE t.type = 'table' AND t.name IN ('sessions', 'messages') AND c.seqno = 0
        """;

    protected override async Task Check(TestDatabase database, RecordedQuery query, string? column, bool isSorted)
    {
        var names = query.Parameters.Select(parameter => parameter.Key.TrimStart('@')).ToList();
        var numbered = Parameter().Replace(query.Sql, match => $"@p{names.IndexOf(match.Groups[1].Value)}");
        var rows = await database.Query($"EXPLAIN QUERY PLAN {numbered}", [.. query.Parameters.Select(parameter => parameter.Value)]);

        var steps = rows.Select(row => row.TrimEnd('|').Split('|')[^1]).ToList();
        var text = string.Join('\n', steps);
        var searches = steps.Where(step => step.StartsWith("SEARCH", StringComparison.Ordinal)).ToList();
        Assert.True(searches.Count > 0, text);
        Assert.All(searches, search => Assert.Contains("(owner_id=?", search, StringComparison.Ordinal));
        Assert.True(column is null || searches.Any(search => search.Contains($" {column}", StringComparison.Ordinal)), $"Not by {column}: {text}");
        // A constant row is no table.
        Assert.DoesNotContain(steps, step => step.StartsWith("SCAN", StringComparison.Ordinal) && step != "SCAN CONSTANT ROW");
        if (isSorted) Assert.DoesNotContain("TEMP B-TREE", text, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"@(\w+)")]
    private static partial Regex Parameter();
}
