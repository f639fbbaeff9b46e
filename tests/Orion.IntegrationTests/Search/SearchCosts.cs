using System.Globalization;
using Orion.Application.Search;
using Orion.Domain.Users;

namespace Orion.IntegrationTests.Search;

/// <summary>A search reads the rows of its caller only, whatever PostgreSQL knows about its data.</summary>
[Collection(OnPostgres.Name)]
[OneInstance("These tests start their own servers.")]
public sealed class SearchCosts(PostgresOrion orion)
{
    private const int Own = 30;
    private const int Others = 20_000;
    private const int Rounds = 20;

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task What_others_have_written_is_not_read(bool hasStatistics, bool isPrepared)
    {
        await using var database = await orion.CreateDatabase();
        await using (var server = await OrionServer.Start(database, ("DB_PREPARED_STATEMENTS", isPrepared ? "true" : "false")))
        {
            await database.Execute("ALTER TABLE search_documents SET (autovacuum_enabled = FALSE)");
            var session = await server.Api.Create(new { title = "Own" });
            for (var n = 0; n < Own; n++) await server.Api.Append(session, $"common rare{n}x");
            if (hasStatistics) await database.Execute("ANALYZE search_documents");
            var now = server.Clock.GetUtcNow();
            var other = UserId.New(now);
            await database.Execute(
                """
                INSERT INTO sessions (owner_id, id, first_message, last_message, message_count, metadata, created_at, updated_at, version, indexed_version)
                VALUES (@p0, @p0, '', '', 0, '{}', @p1, @p1, 1, 1)
                """,
                other.Value, database.Instant(now));
            await database.Execute(
                $"""
                INSERT INTO search_documents (owner_id, session_id, sequence, period, created_at, tokens)
                SELECT @p0, @p0, n, @p1, @p2, @p3::tsvector FROM generate_series(1, {Others}) n
                """,
                other.Value, SearchPeriod.Of(now).Weeks, database.Instant(now), SearchTokens.Of("common rare1x rare2x words", other, now));
            await database.Execute("SELECT pg_stat_force_next_flush()");
            await database.Execute("SELECT pg_stat_reset()");
            for (var round = 0; round < Rounds; round++)
            {
                Assert.Equal(20, (await server.Api.Get("/api/search?q=common")).Should(200).Json.GetProperty("count").GetInt32());
                Assert.Equal(1, (await server.Api.Get("/api/search?q=rare1x")).Should(200).Json.GetProperty("count").GetInt32());
                Assert.Equal(20, (await server.Api.Get("/api/search?q=comm")).Should(200).Json.GetProperty("count").GetInt32());
            }
        }

        // A connection reports what it counted when it ends.
        await Eventually.Until(async () => await RowsRead(database, "search_documents") >= Rounds * Own * 2, "The server counts too few rows.");
        Assert.InRange(await RowsRead(database, "search_documents"), Rounds * Own * 2, Rounds * ((Own * 2) + 20));
    }

    [Fact]
    public async Task The_sessions_of_the_caller_are_not_read()
    {
        await using var database = await orion.CreateDatabase();
        await using (var server = await OrionServer.Start(database))
        {
            var session = await server.Api.Create(new { title = "Own" });
            await server.Api.Append(session, "common");
            await database.Execute(
                $"""
                INSERT INTO sessions (owner_id, id, first_message, last_message, message_count, metadata, created_at, updated_at, version, indexed_version)
                SELECT owner_id, gen_random_uuid(), '', '', 0, metadata, created_at, updated_at, 1, 1 FROM sessions, generate_series(1, {Others})
                """);
            await database.Execute("ANALYZE sessions");
            await database.Execute("SELECT pg_stat_force_next_flush()");
            await database.Execute("SELECT pg_stat_reset()");
            for (var round = 0; round < Rounds; round++)
                Assert.Equal(1, (await server.Api.Get("/api/search?q=common")).Should(200).Json.GetProperty("count").GetInt32());
        }

        await Eventually.Until(async () => await RowsRead(database, "sessions") >= Rounds, "The server counts too few rows.");
        Assert.InRange(await RowsRead(database, "sessions"), Rounds, Rounds * 10);
    }

    private static async Task<long> RowsRead(TestDatabase database, string table) => long.Parse(
        (await database.Query($"SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = '{table}'"))[0].TrimEnd('|'),
        CultureInfo.InvariantCulture);
}
