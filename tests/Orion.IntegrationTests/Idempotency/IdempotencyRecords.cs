using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;

namespace Orion.IntegrationTests.Idempotency;

/// <summary>How long a response is stored, and how a crash of a host affects it.</summary>
public abstract class IdempotencyRecords(OrionFixture orion) : OrionTests(orion)
{
    private const string Body = """{"role":"user","content":"x"}""";
    private static readonly (string, string) Key = ("Idempotency-Key", "key");

    [Fact]
    public async Task A_response_is_stored_for_24_hours_and_then_its_key_is_free()
    {
        // The server has its own clock, because the tokens of other tests must not be from tomorrow.
        await using var server = await OrionServer.Start(Orion.Database);
        var path = $"/api/sessions/{await server.Api.Create()}/messages";
        var first = (await server.Api.Post(path, Body, Key)).Should(201);

        server.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1));
        Assert.Equal(first.BodyText, (await server.Api.Post(path, Body, Key)).Should(201).BodyText);
        (await server.Api.Post(path, Body + " ", Key)).ShouldBeProblem(422, "idempotency_mismatch");

        server.Clock.Advance(TimeSpan.FromMinutes(2));
        var second = (await server.Api.Post(path, Body + " ", Key)).Should(201);
        Assert.Null(second.Header("Idempotency-Replayed"));
        Assert.Equal(2, second.Json.GetProperty("sequence").GetInt32());

        // The new response is stored for the full time.
        server.Clock.Advance(TimeSpan.FromHours(23));
        var repeat = (await server.Api.Post(path, Body + " ", Key)).Should(201);
        Assert.Equal(("true", second.BodyText), (repeat.Header("Idempotency-Replayed"), repeat.BodyText));
        (await server.Api.Post(path, Body, Key)).ShouldBeProblem(422, "idempotency_mismatch");
    }

    [Fact]
    public async Task After_a_clock_correction_a_key_from_far_ahead_is_free_and_one_from_slightly_ahead_is_kept()
    {
        await using var server = await OrionServer.Start(Orion.Database);
        var path = $"/api/sessions/{await server.Api.Create()}/messages";
        server.Clock.Advance(TimeSpan.FromHours(72));
        (await server.Api.Post(path, Body, Key)).Should(201);
        server.Clock.Advance(TimeSpan.FromHours(-71));

        var second = (await server.Api.Post(path, Body, Key)).Should(201);
        Assert.Equal(2, second.Json.GetProperty("sequence").GetInt32());

        server.Clock.Advance(TimeSpan.FromHours(-1));
        Assert.Equal(second.BodyText, (await server.Api.Post(path, Body, Key)).Should(201).BodyText);
    }

    [Fact]
    public async Task Twenty_concurrent_requests_with_an_expired_key_write_once()
    {
        await using var server = await OrionServer.Start(Orion.Database);
        var path = $"/api/sessions/{await server.Api.Create()}/messages";
        (await server.Api.Post(path, Body, Key)).Should(201);

        // The connections are opened first, so that the requests are concurrent at the key.
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.Api.Get(path)));
        for (var round = 2; round <= 4; round++)
        {
            server.Clock.Advance(TimeSpan.FromHours(25));
            var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.Api.Post(path, Body, Key)));

            Assert.All(responses, response => Assert.Equal(round, response.Should(201).Json.GetProperty("sequence").GetInt32()));
            Assert.Single(responses, response => response.Header("Idempotency-Replayed") is null);
        }
    }

    [Fact]
    public async Task Expired_records_are_deleted_in_batches_and_others_stay()
    {
        var young = await CreateNow();
        await Age(1_200);

        foreach (var count in (int[])[500, 500, 200, 0]) Assert.Equal(count, await Delete());

        Assert.Equal(["key|"], await Keys());
        Assert.Equal(young.BodyText, (await Api.Post("/api/sessions", "{}", Key)).Should(201).BodyText);

        async Task<int> Delete()
        {
            var dispatcher = Server.Services.GetRequiredService<IDispatcher>();
            return (await dispatcher.Send(new DeleteExpiredIdempotencyRecords(500), TestContext.Current.CancellationToken)).Value.Count;
        }
    }

    [Fact]
    public async Task A_running_service_deletes_expired_records()
    {
        await CreateNow();
        await Age(1_200);
        await using var server = await OrionServer.Start(Orion.Database);

        var start = TimeProvider.System.GetTimestamp();
        while ((await Keys()).Count > 1)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(20), "Expired records are not deleted.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Equal(["key|"], await Keys());
    }

    [Theory]
    [InlineData(Crash.AfterCommit)]
    [InlineData(Crash.BeforeCommit)]
    public async Task After_a_crash_before_the_response_the_next_host_replays_it_and_writes_once(Crash when)
    {
        await using var crashing = await CrashingOrion.Start(Orion.Database);
        var dying = crashing.Server;
        var path = $"/api/sessions/{await Api.Create()}/messages";
        var before = await Orion.Database.Snapshot();
        crashing.Lose(when);

        foreach (var (at, body) in (IEnumerable<(string, string)>)[(path, Body), ("/api/sessions", """{"firstMessage":"x"}""")])
            Assert.True((await dying.Api.Post(at, body, Key)).Status >= 500);

        var isKept = when == Crash.AfterCommit;
        Assert.Equal(isKept, await Orion.Database.Snapshot() != before);
        Assert.Equal(isKept ? 2 : 0, (await Keys()).Count);
        foreach (var (at, body) in (IEnumerable<(string, string)>)[(path, Body), ("/api/sessions", """{"firstMessage":"x"}""")])
        {
            var repeat = (await Api.Post(at, body, Key)).Should(201);
            Assert.Equal(isKept ? "true" : null, repeat.Header("Idempotency-Replayed"));
            var written = await Api.Get(repeat.Required("Location"));
            Assert.Equal(written.Should(200).BodyText, repeat.BodyText);
        }

        Assert.Equal(["2|2|2|"], await Orion.Database.Query(
            "SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM messages), (SELECT count(*) FROM idempotency_keys)"));
    }

    [Fact]
    public async Task If_the_outcome_of_archiving_is_unknown_the_sessions_tokens_are_checked_again()
    {
        await using var crashing = await CrashingOrion.Start(Orion.Database);
        var dying = crashing.Server;
        var id = await Api.Create();
        var page = dying.With(await Api.Mint(id));
        (await page.Get($"/api/sessions/{id}")).Should(200);

        crashing.Lose(Crash.AfterCommit);
        Assert.True((await dying.Api.Patch($"/api/sessions/{id}", """{"archived":true}""")).Status >= 500);

        (await page.Get($"/api/sessions/{id}")).ShouldBeProblem(401, "invalid_token");
    }

    private async Task<ApiResponse> CreateNow() => (await Api.Post("/api/sessions", "{}", Key)).Should(201);

    private async Task<IReadOnlyList<string>> Keys() => await Orion.Database.Query("SELECT key FROM idempotency_keys ORDER BY created_at");

    // Responses of a day ago.
    private Task<int> Age(int count) => Orion.Database.Execute(
        $"""
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
        INSERT INTO idempotency_keys (owner_id, method, path, key, body_hash, created_at)
        SELECT owner_id, 'POST', '/api/sessions', 'old' || i, body_hash, @p0 FROM n, idempotency_keys WHERE key = 'key'
        """,
        Orion.Database.Instant(Server.Clock.GetUtcNow() - TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1)));
}

[Collection(OnPostgres.Name)]
public sealed class IdempotencyRecordsOnPostgres(PostgresOrion orion) : IdempotencyRecords(orion);

[Collection(OnSqlite.Name)]
public sealed class IdempotencyRecordsOnSqlite(SqliteOrion orion) : IdempotencyRecords(orion);
