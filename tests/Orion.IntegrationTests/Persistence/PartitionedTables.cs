using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.IntegrationTests.Persistence;

/// <summary>
/// The tables can be distributed by <c>owner_id</c>: here they are hash-partitioned in 16 parts by scripts/partitions.sql. With
/// ORION_TEST_PARTITIONS=16, the other tests run on such tables, too.
/// </summary>
public sealed class PartitionedTables(PostgresServers servers) : IAsyncLifetime
{
    private const int Parts = 16;

    // The tables that every part needs, and that a distributed database copies to each server.
    private static readonly Dictionary<string, string> ReferenceTables = new()
    {
        ["authorized_users"] = "one row for each user, which every command checks by its id or address",
    };

    // The routes of the API that touch no table with an owner.
    private static readonly string[] WithoutRows = ["GET /api/models", "HEAD /api/models", "GET /api/me", "HEAD /api/me"];

    private PostgresDatabase? _database;

    private PostgresDatabase Database => _database!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("force_custom_plan")]
    [InlineData("force_generic_plan")]
    public async Task Every_statement_of_a_request_reads_one_part_of_each_table(string plans)
    {
        _database = await PartitionedDatabase.Create(await servers.Shared(), Parts, plans);
        await using var server = await OrionServer.Start(Database);
        var users = await Users(server);
        var api = users[0];
        var foreign = await users[1].Create(new { firstMessage = "Other" });

        foreach (var route in Route.Of(server).Where(route => route.Path.StartsWith("/api", StringComparison.Ordinal) && route.Method != "*"))
        {
            var session = await api.Create(new { firstMessage = "One" });
            var item = (await api.Get($"/api/sessions/{session}/messages")).Texts("messages", "id")[0];
            if (route.Path.Contains("{replyId}", StringComparison.Ordinal) || route.Path.EndsWith("/stream", StringComparison.Ordinal))
                item = (await api.Post($"/api/sessions/{session}/replies", "{}")).Should(201).Text("replyId");

            // With a session token; with a key, and again; of another user's session, and of one that there is not; without a key.
            await server.With(await api.Mint(session)).Ask(route, session, item);
            foreach (var id in (string[])[session, session, foreign, item]) await api.Ask(route, id, item, ("Idempotency-Key", $"{route.Path}"));
            await api.Ask(route, session, item);
        }

        foreach (var user in users) await Everything(user);

        var partitions = Assert.Single(server.Partitions);
        partitions.Verify();
        var seen = partitions.Plans.SelectMany(request => request.Value).SelectMany(plan => plan.Parts).ToHashSet();
        Assert.True(seen.Select(part => part.Number).Distinct().Count() > 3, $"The users are in these parts: {string.Join(", ", seen)}");
        Assert.Equal(await Partitioned(), seen.Select(part => part.Table).Distinct().Order(StringComparer.Ordinal));
        // Every route, compared by its segments.
        foreach (var route in Route.Of(server).Where(route => route.Path.StartsWith("/api", StringComparison.Ordinal) && route.Method != "*"))
        {
            var name = $"{route.Method} {route.Path}";
            Assert.True(WithoutRows.Contains(name) || partitions.Plans.Keys.Any(request => Matches(request, name)), name);
        }
    }

    [Fact]
    public async Task A_statement_that_reads_several_parts_is_found()
    {
        _database = await PartitionedDatabase.Create(await servers.Shared(), Parts);
        var check = new PartitionCheck();
        await using var connections = check.Connect(Database.Connection.ConnectionString);
        check.Begin("GET /test");
        var (owner, other) = (Guid.Parse("00000000-0000-7000-8000-000000000001"), Guid.Parse("00000000-0000-7000-8000-000000000002"));
        await Run("INSERT INTO sessions (owner_id, id, first_message, last_message, message_count, metadata, created_at, updated_at, version) "
            + "VALUES ($1, $1, '', '', 0, '{}', now(), now(), 1)", owner);
        await Run("DELETE FROM sessions WHERE owner_id = $1 AND id = $1", owner);
        check.Verify();

        await ShouldBeFound("SELECT count(*) FROM sessions WHERE id = $1", owner);
        await ShouldBeFound("UPDATE sessions SET title = 'New' WHERE id = $1", owner);
        await ShouldBeFound("SELECT count(*) FROM sessions s JOIN messages m ON m.session_id = s.id WHERE s.owner_id = $1", owner);
        await ShouldBeFound("SELECT count(*) FROM sessions WHERE owner_id = $1", other);
        check.Begin("POST /test");
        await ShouldBeFound(
            "INSERT INTO sessions (owner_id, id, first_message, last_message, message_count, metadata, created_at, updated_at, version) "
            + "SELECT unnest(ARRAY[$1, $2]), $1, '', '', 0, '{}', now(), now(), 1", owner, other);

        async Task ShouldBeFound(string sql, params Guid[] values)
        {
            await Run(sql, values);
            Assert.Throws<Xunit.Sdk.TrueException>(check.Verify);
        }

        async Task Run(string sql, params Guid[] values)
        {
            await using var command = connections.CreateCommand(sql);
            foreach (var value in values) command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = value });
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task Every_table_with_an_owner_has_its_columns_keys_indexes_foreign_keys_and_privileges()
    {
        var plain = await PostgresDatabase.Create(await servers.Shared());
        await using var _ = plain;
        await using (await OrionServer.Start(plain)) { }
        await plain.Execute("GRANT SELECT, INSERT ON messages TO pg_monitor");
        var before = await Schema(plain);
        var tables = await Model(plain);
        Assert.All(tables, table => Assert.NotEqual(ReferenceTables.ContainsKey(table.Name), table.HasOwner));

        await PartitionedDatabase.Partition(plain, Parts);
        Assert.Equal(before, await Schema(plain));

        // As a migration of a later version would, before the script runs again.
        await plain.Execute("""
            ALTER TABLE messages ADD COLUMN later text;
            CREATE INDEX ix_later ON messages (owner_id, later);
            CREATE TABLE later (owner_id uuid, session_id uuid, PRIMARY KEY (owner_id, session_id),
                FOREIGN KEY (owner_id, session_id) REFERENCES sessions (owner_id, id) ON DELETE CASCADE)
            """);
        before = await Schema(plain);
        await PartitionedDatabase.Partition(plain, Parts);
        Assert.Equal(before, await Schema(plain));
        foreach (var (table, hasOwner) in tables)
        {
            Assert.Equal(
                hasOwner ? $"p|HASH (owner_id)|{Parts}|" : "r||0|",
                Assert.Single(await plain.Query(
                    "SELECT relkind::text, pg_get_partkeydef(oid), (SELECT count(*) FROM pg_inherits WHERE inhparent = c.oid) FROM pg_class c WHERE oid = @p0::text::regclass",
                    table)));
        }
    }

    [Fact]
    public async Task Every_unique_key_and_foreign_key_holds()
    {
        _database = await PartitionedDatabase.Create(await servers.Shared(), Parts);
        await using var server = await OrionServer.Start(Database);
        var users = await Users(server);
        foreach (var user in users) await Everything(user);
        await Database.Execute("UPDATE replies SET status = 'streaming', finished_at = NULL");
        foreach (var table in await Partitioned()) Assert.True(await Count(table) > 0, table);

        // The columns of each unique index and of the primary key of its table, all of whose other columns are new in a copy of a row.
        var unique = await Database.Query("""
            SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text,
                   (SELECT string_agg(CASE WHEN a.attnum <> ALL (i.indkey::int2[]) AND a.attnum = ANY (k.indkey::int2[])
                                           THEN CASE a.atttypid WHEN 'uuid'::regtype THEN 'gen_random_uuid()' ELSE a.attname || ' + 1000000' END
                                           ELSE quote_ident(a.attname) END, ', ' ORDER BY a.attnum)
                    FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum > 0 AND NOT a.attisdropped)
            FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid AND c.relkind = 'p' JOIN pg_index k ON k.indrelid = c.oid AND k.indisprimary
            WHERE i.indisunique
            """);
        Assert.True(unique.Count > 6, string.Join('\n', unique));
        foreach (var key in unique.Select(row => row.Split('|')))
        {
            var error = await Assert.ThrowsAsync<PostgresException>(() => Database.Execute($"INSERT INTO {key[1]} SELECT {key[2]} FROM {key[1]} LIMIT 1"));
            Assert.Equal(PostgresErrorCodes.UniqueViolation, error.SqlState);
            Assert.Equal($"{key[0]}|", Assert.Single(await Database.Query(
                "SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = @p0::text::regclass", error.ConstraintName!)));
        }

        // A copy of a row that refers to a session or a reply that there is not, and to another user's.
        var foreign = await Database.Query("""
            SELECT con.conname::text, con.conrelid::regclass::text, a.attname::text,
                   (SELECT string_agg(CASE WHEN c.attname = a.attname THEN 'gen_random_uuid()' ELSE quote_ident(c.attname) END, ', ' ORDER BY c.attnum)
                    FROM pg_attribute c WHERE c.attrelid = con.conrelid AND c.attnum > 0 AND NOT c.attisdropped)
            FROM pg_constraint con JOIN pg_class r ON r.oid = con.conrelid AND r.relkind = 'p' AND NOT r.relispartition
            JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = ANY (con.conkey)
            WHERE con.contype = 'f' AND con.conparentid = 0
            """);
        Assert.True(foreign.Count > 8, string.Join('\n', foreign));
        foreach (var key in foreign.Select(row => row.Split('|')))
        {
            // A key has been used before if its method is another one.
            var columns = key[1] == "idempotency_keys" ? key[3].Replace("method", "'NEW'", StringComparison.Ordinal) : key[3];
            var error = await Assert.ThrowsAsync<PostgresException>(() => Database.Execute(
                $"INSERT INTO {key[1]} SELECT {columns} FROM {key[1]} WHERE {key[2]} IS NOT NULL LIMIT 1"));
            Assert.Equal((PostgresErrorCodes.ForeignKeyViolation, key[0]), (error.SqlState, error.ConstraintName));
        }

        await Database.Execute("UPDATE replies SET status = 'completed', finished_at = now()");
        foreach (var user in users)
        {
            foreach (var session in (await user.Get("/api/sessions?archived=any")).Texts("sessions", "sessionId"))
                (await user.Delete($"/api/sessions/{session}")).Should(204);
        }

        foreach (var table in await Partitioned()) Assert.Equal((table, 0L), (table, await Count(table)));

        async Task<long> Count(string table) => long.Parse((await Database.Query($"SELECT count(*) FROM {table}"))[0].TrimEnd('|'), CultureInfo.InvariantCulture);
    }

    // Lists in all forms, messages, a reply with its stream, changes, and a deletion of all that belongs to a session.
    private static async Task Everything(ApiClient api)
    {
        var session = await api.Create(new { title = "First", firstMessage = "One" });
        (await api.Post("/api/sessions", new { firstMessage = "Two" }, ("Idempotency-Key", "create"))).Should(201);
        (await api.Post($"/api/sessions/{session}/messages", new { role = "user", content = "Two" }, ("Idempotency-Key", "append"))).Should(201);
        foreach (var list in from sort in (string[])["updatedAt", "createdAt"]
                             from order in (string[])["asc", "desc"]
                             from archived in (string[])["any", "true", "false"]
                             from dates in (string[])["", "&startDate=2020-01-01T00:00:00Z&endDate=2031-01-01T00:00:00Z"]
                             select $"?limit=1&sortBy={sort}&sortOrder={order}&archived={archived}{dates}")
        {
            var page = (await api.Get($"/api/sessions{list}")).Should(200);
            if (page.Json.TryGetProperty("nextCursor", out var next)) (await api.Get($"/api/sessions{list}&cursor={next.GetString()}")).Should(200);
        }

        (await api.Get($"/api/sessions/{session}/messages?order=desc")).Should(200);
        Assert.Contains(session, (await api.Get("/api/search?q=one&limit=100")).Should(200).BodyText, StringComparison.Ordinal);
        Assert.Contains(session, (await api.Get($"/api/search?q=one&sessionId={session}")).Should(200).BodyText, StringComparison.Ordinal);
        (await api.Patch($"/api/sessions/{session}", new { title = "New", metadata = new { a = 1 } })).Should(200);
        using (var stream = await api.OpenReply(session, new { content = "Hello" }, ("Idempotency-Key", "reply"))) await stream.Until("finish");
        using (var stream = await api.OpenReply(session, new { content = "Hello" }, ("Idempotency-Key", "reply"))) await stream.Until("finish");
        (await api.Patch($"/api/sessions/{session}", new { archived = true })).Should(200);
        (await api.Patch($"/api/sessions/{session}", new { archived = false })).Should(200);

        var deleted = await api.Create(new { firstMessage = "Deleted" });
        (await api.Post($"/api/sessions/{deleted}/messages", new { role = "user", content = "Two" }, ("Idempotency-Key", "deleted"))).Should(201);
        using (var stream = await api.OpenReply(deleted)) await stream.Until("finish");
        (await api.Delete($"/api/sessions/{deleted}")).Should(204);
    }

    // Enough for several parts: their ids are random.
    private static async Task<IReadOnlyList<ApiClient>> Users(OrionServer server)
    {
        var users = new List<ApiClient> { server.Api };
        for (var user = 0; user < 10; user++)
        {
            await server.Database.Authorize($"user{user}@example.com", TimeProvider.System.GetUtcNow());
            users.Add(server.As($"user{user}@example.com"));
        }

        return users;
    }

    private static bool Matches(string request, string route)
    {
        var (one, other) = (request.Split('/'), route.Split('/'));
        return one.Length == other.Length && one.Zip(other).All(pair => pair.Second.StartsWith('{') || pair.First == pair.Second);
    }

    private async Task<IEnumerable<string>> Partitioned() =>
        (await Database.Query("SELECT relname::text FROM pg_class WHERE relkind = 'p'")).Select(row => row.TrimEnd('|')).Order(StringComparer.Ordinal);

    private static async Task<IReadOnlyList<(string Name, bool HasOwner)>> Model(PostgresDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.Connection);
        await using var context = new PostgresDbContext(new DbContextOptionsBuilder<PostgresDbContext>().UseOrionPostgres(source).Options);
        return [.. context.Model.GetEntityTypes().Select(type => (type.GetTableName()!, type.GetProperties().Any(column => column.GetColumnName() == "owner_id")))];
    }

    private static async Task<IReadOnlyList<string>> Schema(PostgresDatabase database) => await database.Query("""
        SELECT * FROM (
            SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, pg_get_expr(d.adbin, d.adrelid)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            UNION ALL
            SELECT conrelid::regclass::text, conname::text, contype::text, NULL, pg_get_constraintdef(con.oid)
            FROM pg_constraint con JOIN pg_class c ON c.oid = conrelid AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
            WHERE conparentid = 0
            UNION ALL
            SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, NULL, NULL, replace(pg_get_indexdef(i.indexrelid), ' ONLY ', ' ')
            FROM pg_index i JOIN pg_class c ON c.oid = indrelid AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
            WHERE i.indisvalid
            UNION ALL
            SELECT c.relname::text, acl.grantee::regrole::text, acl.privilege_type, c.relowner::regrole::text, acl.is_grantable::text
            FROM pg_class c CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) acl
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition) AS all_of_it
        ORDER BY 1, 2, 3, 4, 5
        """);
}
