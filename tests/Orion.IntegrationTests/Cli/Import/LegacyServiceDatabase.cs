
namespace Orion.IntegrationTests.Cli.Import;

/// <summary>A copy of the legacy service's schema, which a test fills.</summary>
internal sealed class LegacyServiceDatabase(PostgresDatabase database) : IAsyncDisposable
{
    // The tables of the legacy service.
    private const string Schema = """
        CREATE TABLE chat_sessions (
            session_id varchar(255) PRIMARY KEY, user_id varchar(255) NOT NULL, title text, first_message text, last_message text,
            message_count integer DEFAULT 0, metadata jsonb DEFAULT '{}', created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);
        CREATE TABLE chat_messages (
            message_id varchar(255) PRIMARY KEY, session_id varchar(255) NOT NULL, role varchar(20) NOT NULL, content text NOT NULL,
            metadata jsonb DEFAULT '{}', created_at timestamptz NOT NULL);
        """;

    // A different schema: UUIDs, metadata as text, times without a zone, and no optional columns.
    private const string OtherSchema = """
        CREATE TABLE chat_sessions (session_id uuid, user_id text, title varchar(500), metadata text, created_at timestamp, updated_at timestamp);
        CREATE TABLE chat_messages (message_id uuid, session_id text, role text, content text, metadata json, created_at timestamp);
        """;

    internal string Url => PostgresDatabase.Url(database.Connection);

    internal static async Task<LegacyServiceDatabase> Create(PostgresServers servers, bool isOther = false)
    {
        var database = await PostgresDatabase.Create(await servers.Shared());
        await database.Execute(isOther ? OtherSchema : Schema);
        return new LegacyServiceDatabase(database);
    }

    internal Task<int> Execute(string sql, params object[] parameters) => database.Execute(sql, parameters);

    internal Task<string> Snapshot() => database.Snapshot();

    internal Task AddSession(string id, string user, string at, string? title = null, string? first = null, string metadata = "{}") => Execute(
        """
        INSERT INTO chat_sessions (session_id, user_id, title, first_message, last_message, metadata, created_at, updated_at)
        VALUES (@p0, @p1, @p2, @p3, 'not looked at', @p4::jsonb, @p5::text::timestamptz, @p5::text::timestamptz + interval '1 hour')
        """,
        id, user, (object?)title ?? DBNull.Value, (object?)first ?? DBNull.Value, metadata, at);

    internal Task AddMessage(string id, string session, string role, string content, string at, string metadata = "{}") => Execute(
        "INSERT INTO chat_messages VALUES (@p0, @p1, @p2, @p3, @p4::jsonb, @p5::text::timestamptz)", id, session, role, content, metadata, at);

    /// <summary>Sessions with this many messages each.</summary>
    internal Task AddMany(string user, int sessions, int messages, string name = "session") => Execute(
        """
        INSERT INTO chat_sessions SELECT @p3 || '_' || n, @p0, 'Title ' || n, 'Kept in the session alone', '', 60, '{"n": 1}',
            timestamptz '2025-10-13 08:06:29.640Z' + n * interval '1 hour', timestamptz '2025-10-13 09:06:29.640Z' + n * interval '1 hour'
            FROM generate_series(1, @p1) n;
        INSERT INTO chat_messages SELECT @p3 || '_' || n || '_' || m, @p3 || '_' || n, CASE WHEN m % 2 = 1 THEN 'user' ELSE 'assistant' END,
            repeat('Text ' || m, 20), '{"m": 2}', timestamptz '2025-10-13 08:06:29.640Z' + n * interval '1 hour' + m * interval '1 second'
            FROM generate_series(1, @p1) n, generate_series(1, @p2) m;
        """,
        user, sessions, messages, name);

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
