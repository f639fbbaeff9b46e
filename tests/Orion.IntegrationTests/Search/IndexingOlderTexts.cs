using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orion.IntegrationTests.Search;

/// <summary>What a version without search wrote is indexed beside the requests, whatever happens meanwhile.</summary>
public abstract class IndexingOlderTexts(OrionFixture orion) : OrionTests(orion)
{
    private const int Sessions = 12;
    private const int MessagesOfSession = 250;
    private const int LoggedEnd = 6002;
    private const int LoggedFailure = 6004;

    [Fact]
    public async Task A_session_that_cannot_be_indexed_does_not_hold_up_the_others_and_is_retried()
    {
        await using var database = await Orion.CreateDatabase();
        string rejected;
        await using (var server = await OrionServer.Start(database))
        {
            rejected = await server.Api.Create(new { firstMessage = "A heron" });
            await server.Api.Create(new { firstMessage = "Two herons" });
        }

        await Forget(database);
        await Reject(database, rejected);
        await using (var server = await OrionServer.Start(database, builder => builder.Services.AddSingleton<TimeProvider>(new ShortIntervals())))
        {
            await Eventually.Until(() => Failures(server) > 1, "It is not retried.");
            var page = (await server.Api.Get("/api/search?q=heron")).Should(200);
            Assert.Equal("Two herons", Assert.Single(page.Texts("results", "snippet")));
            Assert.True(page.Json.GetProperty("indexing").GetBoolean());
            Assert.Contains(rejected, server.Log.All.First(line => line.Event.Id == LoggedFailure).Text, StringComparison.Ordinal);
            Assert.DoesNotContain(server.Log.All, line => line.Event.Id == LoggedEnd);

            await Accept(database);

            await Eventually.Until(
                async () => !(await server.Api.Get("/api/search?q=heron")).Should(200).Json.TryGetProperty("indexing", out _), "It is not indexed.");
            Assert.Equal(["Two herons", "A heron"], (await server.Api.Get("/api/search?q=heron")).Texts("results", "snippet"));
        }

        static int Failures(OrionServer server) => server.Log.All.Count(line => line.Event.Id == LoggedFailure && line.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task Several_instances_index_each_text_once_even_if_one_of_them_is_killed()
    {
        await using var database = await Orion.CreateDatabase();
        await using (var server = await OrionServer.Start(database))
        {
            for (var n = 0; n < Sessions; n++) await server.Api.Create(new { title = $"Session {n}", firstMessage = "A heron" });
        }

        await database.Execute(
            $"""
            WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {MessagesOfSession})
            INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
            SELECT owner_id, session_id, i, {NewId}, role, 'heron ' || i, metadata, created_at FROM n, messages WHERE sequence = 1
            """);
        await Forget(database);
        var folder = Directory.CreateTempSubdirectory("orion-backfill-").FullName;
        await using (var killed = OrionProcess.Start(folder, OrionProcess.Environment(database, port: 0)))
        {
            await Eventually.Until(async () => await Documents() > 0, "It indexes nothing.", TimeSpan.FromSeconds(60));
            await killed.Signal("KILL");
        }

        Directory.Delete(folder, recursive: true);
        Assert.InRange(await Documents(), 1, Sessions * MessagesOfSession);

        await using var servers = await OrionServer.Start(database, Instances);
        await Eventually.Until(
            async () => await database.Query("SELECT count(*) FROM sessions WHERE indexed_version <> version") is ["0|"], "They do not finish.");

        Assert.Equal(Sessions * (MessagesOfSession + 1), await Documents());
        Assert.Equal(["0|"], await database.Query(
            """
            SELECT count(*) FROM messages m
            WHERE NOT EXISTS (SELECT 1 FROM search_documents d WHERE d.owner_id = m.owner_id AND d.session_id = m.session_id AND d.sequence = m.sequence)
            """));
        Assert.Equal(await Documents(), await Tokens(database));
        Assert.Equal(Sessions, (await servers.Api.Get($"/api/search?q={MessagesOfSession}")).Should(200).Json.GetProperty("count").GetInt32());
        Assert.DoesNotContain(servers.Log.All, line => line.Level >= LogLevel.Warning && line.Category.Contains("Search", StringComparison.Ordinal));

        async Task<int> Documents() => Number(await database.Query("SELECT count(*) FROM search_documents"));
    }

    /// <summary>How many instances can share the database.</summary>
    protected abstract int Instances { get; }

    /// <summary>The expression for a new id.</summary>
    protected abstract string NewId { get; }

    /// <summary>Makes the database reject the texts of a session.</summary>
    protected abstract Task Reject(TestDatabase database, string session);

    /// <summary>Takes that back.</summary>
    protected abstract Task Accept(TestDatabase database);

    /// <summary>The number of texts that have tokens.</summary>
    protected abstract Task<int> Tokens(TestDatabase database);

    protected static int Number(IReadOnlyList<string> rows) => int.Parse(rows[0].TrimEnd('|'), CultureInfo.InvariantCulture);

    // As a version without search leaves the tables.
    private static async Task Forget(TestDatabase database)
    {
        await database.Execute("DELETE FROM search_documents");
        await database.Execute("UPDATE sessions SET indexed_version = 0");
    }

    // Waits of ten minutes and more pass at once.
    private sealed class ShortIntervals : TimeProvider
    {
        private static readonly TimeSpan Long = TimeSpan.FromMinutes(9);
        private static readonly TimeSpan Short = TimeSpan.FromSeconds(0.2);
        private long _elapsed;

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _elapsed);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            return dueTime < Long ? base.CreateTimer(callback, state, dueTime, period) : base.CreateTimer(Pass, state, Short, period);

            void Pass(object? passed)
            {
                Interlocked.Add(ref _elapsed, (long)(dueTime.TotalSeconds * TimestampFrequency));
                callback(passed);
            }
        }
    }
}

[Collection(OnPostgres.Name)]
[OneInstance("These tests start their own servers.")]
public sealed class IndexingOlderTextsOnPostgres(PostgresOrion orion) : IndexingOlderTexts(orion)
{
    protected override int Instances => 2;

    protected override string NewId => "gen_random_uuid()";

    // As if the statement took too long.
    protected override Task Reject(TestDatabase database, string session) => database.Execute(
        $"""
        CREATE FUNCTION reject() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.session_id = '{session}' THEN RAISE EXCEPTION 'too slow' USING ERRCODE = 'query_canceled'; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER reject BEFORE INSERT ON search_documents FOR EACH ROW EXECUTE FUNCTION reject()
        """);

    protected override Task Accept(TestDatabase database) => database.Execute("DROP TRIGGER reject ON search_documents");

    protected override async Task<int> Tokens(TestDatabase database) =>
        Number(await database.Query("SELECT count(*) FROM search_documents WHERE length(tokens) > 1"));
}

[Collection(OnSqlite.Name)]
public sealed class IndexingOlderTextsOnSqlite(SqliteOrion orion) : IndexingOlderTexts(orion)
{
    // Only one process can use it.
    protected override int Instances => 1;

    protected override string NewId => "upper(hex(randomblob(4)) || '-0000-4000-8000-' || hex(randomblob(6)))";

    protected override Task Reject(TestDatabase database, string session) => database.Execute(
        $"""
        CREATE TRIGGER reject BEFORE INSERT ON search_documents WHEN NEW.session_id = '{session.ToUpperInvariant()}'
        BEGIN SELECT RAISE(ABORT, 'rejected'); END
        """);

    protected override Task Accept(TestDatabase database) => database.Execute("DROP TRIGGER reject");

    protected override async Task<int> Tokens(TestDatabase database) => Number(await database.Query("SELECT count(*) FROM search_tokens_docsize"));
}
