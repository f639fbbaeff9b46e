using Orion.Domain.Sessions;

namespace Orion.Infrastructure.LegacyImport;

/// <summary>
/// The queries of the legacy tables. They accept columns of several types: ids as text or UUID, metadata as text or JSON, times with a
/// time zone or, in UTC, without. Texts longer than Orion accepts are not fetched. No value of a row becomes part of a query.
/// </summary>
/// <param name="columns">The columns of each table.</param>
/// <param name="hasRowIds">Whether the rows of the messages have a <c>ctid</c>; those of a view do not.</param>
internal sealed class LegacyQueries(ILookup<string, string> columns, bool hasRowIds)
{
    internal const string Sessions = "chat_sessions";
    internal const string Messages = "chat_messages";

    /// <summary>The maximum length of an ID in the legacy service.</summary>
    internal const int MaxIdLength = 255;

    /// <summary>The number of other users that are listed one by one.</summary>
    internal const int MaxOthers = 1000;

    internal const string ColumnsOf = """
        SELECT c.oid = to_regclass('chat_sessions'), a.attname::text, c.relkind IN ('r', 'p', 'm')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.oid IN (to_regclass('chat_sessions'), to_regclass('chat_messages'))
        """;

    // Times without a time zone are UTC. The cursors are read to their end. There are no timeouts, because writing to the target may take
    // long.
    internal const string Begin = """
        SET LOCAL TimeZone = 'UTC'; SET LOCAL cursor_tuple_fraction = 1; SET LOCAL statement_timeout = 0;
        SET LOCAL idle_in_transaction_session_timeout = 0
        """;

    internal const string NextSessions = "FETCH FORWARD 200 FROM legacy_sessions";
    internal const string NextMessages = "FETCH FORWARD 250 FROM legacy_messages";

    // One character more than the longest e-mail address, so that a truncated text is never an address.
    private const string Owner = "lower(left(s.user_id::text, 255) COLLATE \"C\")";
    private const string IsRequested = $"coalesce({Owner} = ANY (@users), false)";

    private static readonly string HasId = $"coalesce(length(s.session_id::text), 0) BETWEEN 1 AND {MaxIdLength}";

    /// <summary>The columns that must exist.</summary>
    internal static IReadOnlyList<(string Table, string Column)> Required { get; } =
    [
        (Sessions, "session_id"), (Sessions, "user_id"), (Sessions, "created_at"),
        (Messages, "message_id"), (Messages, "session_id"), (Messages, "role"), (Messages, "content"), (Messages, "created_at"),
    ];

    internal static string CountRequested { get; } = $"""
        SELECT (SELECT count(*) FROM chat_sessions s WHERE {IsRequested} AND {HasId}),
               (SELECT count(*) FROM chat_messages m
                WHERE m.session_id::text IN (SELECT s.session_id::text FROM chat_sessions s WHERE {IsRequested} AND {HasId})),
               (SELECT count(*) FROM chat_sessions s WHERE {IsRequested} AND NOT {HasId}),
               (SELECT count(*) FROM chat_messages m
                WHERE NOT EXISTS (SELECT FROM chat_sessions s WHERE s.session_id::text = m.session_id::text))
        """;

    internal static string CountOthers { get; } = $"""
        SELECT coalesce({Owner}, ''), count(*), coalesce(sum(m.n), 0)::bigint, count(*) OVER ()
        FROM chat_sessions s
        LEFT JOIN (SELECT session_id::text AS id, count(*) AS n FROM chat_messages GROUP BY 1) m ON m.id = s.session_id::text
        WHERE NOT {IsRequested}
        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MaxOthers}
        """;

    internal string OpenSessions => $"""
        DECLARE legacy_sessions NO SCROLL CURSOR FOR
        SELECT s.session_id::text, {Owner}, left({Text("s", "title")}, 4096),
               {Limited(Text("s", "first_message"), "length", MessageContent.MaxLength)},
               {Limited(Text("s", "metadata"), "octet_length", Metadata.MaxBytes)},
               {Time("s", "created_at")}, {Time("s", "updated_at")}
        FROM chat_sessions s WHERE {IsRequested} AND {HasId}
        ORDER BY {Owner}, s.session_id::text COLLATE "C"
        """;

    // By time; messages of the same time in the order of their rows.
    internal string OpenMessages => $"""
        DECLARE legacy_messages NO SCROLL CURSOR FOR
        SELECT m.session_id::text, CASE WHEN length(m.message_id::text) <= {MaxIdLength} THEN m.message_id::text END,
               left(m.role::text, 32),
               {Limited(Text("m", "content"), "length", MessageContent.MaxLength)},
               {Limited(Text("m", "metadata"), "octet_length", Metadata.MaxBytes)},
               {Time("m", "created_at")}
        FROM chat_messages m
        JOIN (SELECT s.session_id::text AS id, min({Owner}) AS owner FROM chat_sessions s WHERE {IsRequested} AND {HasId} GROUP BY 1) s
          ON s.id = m.session_id::text
        ORDER BY s.owner, s.id COLLATE "C", m.created_at::timestamptz, {(hasRowIds ? "m.ctid, " : "")}m.message_id::text COLLATE "C"
        """;

    private static string Limited(string text, string measure, int limit) =>
        $"CASE WHEN {measure}({text}) <= {limit} THEN {text} END, coalesce({measure}({text}) > {limit}, false)";

    private string Text(string table, string column) => Has(table, column) ? $"{table}.{column}::text" : "NULL::text";

    // Times that .NET cannot represent (infinity, before the common era) become null.
    private string Time(string table, string column)
    {
        if (!Has(table, column)) return "NULL::timestamptz";
        var time = $"{table}.{column}::timestamptz";
        return $"CASE WHEN {time} BETWEEN '0001-01-02Z' AND '9999-12-30Z' THEN {time} END";
    }

    private bool Has(string table, string column) => columns[table == "s" ? Sessions : Messages].Contains(column);
}
