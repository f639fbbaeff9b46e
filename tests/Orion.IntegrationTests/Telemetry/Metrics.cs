using System.Text.RegularExpressions;

namespace Orion.IntegrationTests.Telemetry;

/// <summary>The metrics, on both databases.</summary>
public abstract partial class Metrics(OrionFixture fixture) : IAsyncLifetime
{
    private const string Stranger = "stranger@elsewhere.example";
    private TestDatabase? _database;

    protected TestDatabase Database => _database!;

    public async ValueTask InitializeAsync() => _database = await fixture.CreateDatabase();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_database is not null) await _database.DisposeAsync();
    }

    [Fact]
    public async Task Writes_and_queries_are_counted()
    {
        await using var orion = await MonitoredOrion.Start(Database);
        var before = await orion.Scrape();

        var id = await orion.Api.Create(new { firstMessage = "One" });
        await orion.Api.Append(id, "Two");
        var token = await orion.Api.Mint(id);
        (await orion.With(token).Get($"/api/sessions/{id}")).Should(200);
        (await orion.Api.Patch($"/api/sessions/{id}", new { archived = true })).Should(200);
        (await orion.Api.Patch($"/api/sessions/{id}", new { archived = false })).Should(200);
        (await orion.Api.Delete($"/api/sessions/{id}")).Should(204);
        (await orion.Api.Get($"/api/sessions/{id}")).Should(404);
        (await orion.Api.Post("/api/tokens/revoke", null)).Should(204);
        var after = await orion.Scrape();

        foreach (var (name, label, value, expected) in ((string, string, string, int)[])
        [
            ("orion_sessions_written_total", "operation", "created", 1),
            ("orion_sessions_written_total", "operation", "changed", 1),
            ("orion_sessions_written_total", "operation", "archived", 1),
            ("orion_sessions_written_total", "operation", "restored", 1),
            ("orion_sessions_written_total", "operation", "deleted", 1),
        ])
        {
            Assert.Equal(0, before[name, (label, value)]);
            Assert.Equal(expected, after[name, (label, value)]);
        }

        Assert.Equal((0, 0), (before["orion_retention_deleted_total", ("reason", "expired")], before["orion_retention_deleted_total", ("reason", "unchanged")]));
        Assert.Equal((0, 2), (before["orion_messages_written_total"], after["orion_messages_written_total"]));
        Assert.Equal((0, 1), (before["orion_tokens_minted_total"], after["orion_tokens_minted_total"]));
        Assert.Equal((0, 1), (before["orion_tokens_revoked_total"], after["orion_tokens_revoked_total"]));
        Assert.Equal(1, after[Requests, ("http_route", "/api/sessions/{sessionId}"), ("http_request_method", "GET"), ("http_response_status_code", "404")]);
        Assert.Equal(1, after[Requests, ("http_route", "/api/sessions"), ("http_request_method", "POST"), ("http_response_status_code", "201")]);
        Assert.True(after["dotnet_process_memory_working_set_bytes"] > 0);
    }

    [Fact]
    public async Task Sessions_that_retention_deletes_are_counted_by_reason()
    {
        const string deleted = "orion_retention_deleted_total";
        await using (var before = await OrionServer.Start(Database))
        {
            var (expired, old) = (await before.Api.Create(), await before.Api.Create());
            var now = before.Clock.GetUtcNow();
            await Database.Execute("UPDATE sessions SET expires_at = @p0 WHERE id = @p1", Database.Instant(now), Database.Id(Guid.Parse(expired)));
            await Database.Execute(
                "UPDATE sessions SET updated_at = @p0 WHERE id = @p1", Database.Instant(now - TimeSpan.FromDays(8)), Database.Id(Guid.Parse(old)));
        }

        await using var orion = await MonitoredOrion.Start(Database, ("RETENTION_DAYS", "7"));
        await orion.WaitFor(
            scrape => scrape[deleted, ("reason", "expired")] == 1 && scrape[deleted, ("reason", "unchanged")] == 1, "Two sessions were deleted.");
    }

    [Fact]
    public async Task Replies_of_both_routes_are_counted_by_status_and_error()
    {
        const string ended = "orion_replies_ended_total";
        await using var model = await ModelStandIn.Start();
        await using var orion = await MonitoredOrion.Start(Database, model.Settings);
        var before = await orion.Scrape();
        Assert.Equal((0, 0), (before[ended, ("status", "completed")], before[ended, ("error", "model_refused")]));

        var id = await orion.Api.Create(new { title = "Stars" });
        (await orion.Api.Post($"/api/sessions/{id}/replies", new { content = "Hello" })).Should(201);
        (await orion.Api.Post("/api/chat-stream-v2", new { message = "Hello" })).Should(200);
        await orion.WaitFor(scrape => scrape[ended, ("status", "completed")] == 2, "Two replies were completed.");

        model.Script = reply => reply.Error(401, "invalid_request_error", "invalid_api_key", "A message.");
        (await orion.Api.Post($"/api/sessions/{id}/replies", new { content = "Hello" })).Should(201);
        (await orion.Api.Post("/api/chat-stream-v2", new { message = "Hello" })).Should(200);
        await orion.WaitFor(scrape => scrape[ended, ("status", "failed"), ("error", "model_refused")] == 2, "Two replies failed.");
    }

    [Fact]
    public async Task Cache_hits_and_misses_of_authorizations_are_counted_separately()
    {
        await using var orion = await MonitoredOrion.Start(Database);
        var before = await orion.Scrape();
        Assert.Equal((0, 0), (Lookups(before, "users", "hit"), Lookups(before, "users", "miss")));
        Assert.Equal((0, 0), (Lookups(before, "session_tokens", "hit"), Lookups(before, "session_tokens", "miss")));

        var id = await orion.Api.Create();
        foreach (var _ in Enumerable.Range(0, 20)) (await orion.Api.Get($"/api/sessions/{id}")).Should(200);
        (await orion.With(await orion.Api.Mint(id)).Get($"/api/sessions/{id}")).Should(200);
        var after = await orion.Scrape();

        // A result is cached for 4 s, so a slow machine queries more than once.
        Assert.InRange(Lookups(after, "users", "miss") ?? 0, 1, 10);
        Assert.Equal(23, Lookups(after, "users", "hit") + Lookups(after, "users", "miss"));
        Assert.Equal(1, Lookups(after, "session_tokens", "miss"));
    }

    [Fact]
    public async Task An_attack_is_counted_and_none_of_its_values_becomes_a_label()
    {
        await using var orion = await MonitoredOrion.Start(Database, ("RATE_LIMIT_MAX_REQUESTS", "60"), ("TRUSTED_PROXIES", "127.0.0.0/8"));
        var before = await orion.Scrape();
        Assert.All(before.Series.Where(sample => Counted().IsMatch(sample.Name)), sample => Assert.Equal(0, sample.Value));

        await Attack(orion, "one");
        var after = await orion.Scrape();
        Assert.Equal(1, after[RejectedTokens, ("reason", "Signature")]);
        Assert.Equal(1, after[RejectedTokens, ("reason", "Malformed")]);
        Assert.Equal(1, after[RejectedTokens, ("reason", "Expired")]);
        Assert.Equal(1, after[RejectedTokens, ("reason", "Issuer")]);
        Assert.True(after[RejectedTokens, ("reason", "Missing")] > 0);
        Assert.Equal(1, after["orion_users_not_authorized_total"]);
        Assert.Equal(1, after["orion_origins_refused_total"]);
        Assert.Equal(1, after["orion_limits_hit_total", ("budget", "user")]);
        Assert.True(after["orion_limits_hit_total", ("budget", "address")] > 0);
        Assert.Equal(1, after["orion_limits_hit_total", ("budget", "session_token")]);

        await Attack(orion, "two");
        var again = await orion.Scrape();
        // An attack increases values, not the number of series.
        Assert.Equal(Names(after), Names(again));
        Assert.All(again.Series.SelectMany(sample => sample.Labels), label =>
        {
            Assert.DoesNotContain('@', label.Value);
            Assert.DoesNotMatch(Identity(), label.Value);
        });
        foreach (var text in (string[])["attack", "evil", "BREW", "elsewhere", "owner", "203.0.113", "2001:db8", "127.0.0.1", "Host=", "Username", "secret"])
            Assert.DoesNotContain(text, again.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(OrionServer.Origin, again.Text, StringComparison.Ordinal);
        if (Database.Password is { } password) Assert.DoesNotContain(password, again.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_is_checked_on_every_scrape_even_without_health_requests()
    {
        await using var orion = await MonitoredOrion.Start(Database);
        const string checks = "orion_database_check_duration_seconds_count";

        var first = (await orion.Scrape())[checks];

        await orion.WaitFor(scrape => scrape[checks] >= first + 2, "The database was not checked.");
        Assert.Equal(1, (await orion.Scrape())["orion_database_up"]);
    }

    [Fact]
    public async Task The_newest_backup_has_a_time_and_the_disks_have_a_size()
    {
        var folder = Directory.CreateTempSubdirectory("orion-backups-").FullName;
        try
        {
            await using var orion = await MonitoredOrion.Start(Database, ("BACKUP_DIR", folder));
            const string newest = "orion_backup_newest_timestamp_seconds";
            Assert.Equal(0, (await orion.Scrape())[newest]);

            Write("orion-20260101T000000Z.dump", 1_000_000);
            Write("orion-20260102T000000Z.db", 2_000_000);
            Write("orion-20260103T000000Z.db.partial", 3_000_000);
            Write("other.dump", 4_000_000);
            await orion.WaitFor(scrape => scrape[newest] == 2_000_000, "The newest backup was not found.");
            var scrape = await orion.Scrape();
            Assert.InRange(scrape["orion_disk_free_bytes", ("folder", "backup")] ?? 0, 1, scrape["orion_disk_size_bytes", ("folder", "backup")]!.Value);
            Assert.Equal(Database is SqliteDatabase, scrape["orion_disk_free_bytes", ("folder", "data")] > 0);

            // A missing folder has no backup.
            Directory.Delete(folder, recursive: true);
            await orion.WaitFor(current => current[newest] == 0, "The metric still counts deleted backups.");
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }

        void Write(string name, long at)
        {
            var path = Path.Combine(folder, name);
            File.WriteAllText(path, "");
            File.SetLastWriteTimeUtc(path, DateTimeOffset.FromUnixTimeSeconds(at).UtcDateTime);
        }
    }

    [Fact]
    public async Task Without_BACKUP_DIR_there_is_no_backup_metric()
    {
        await using var orion = await MonitoredOrion.Start(Database);

        Assert.DoesNotContain("orion_backup", (await orion.Scrape()).Text, StringComparison.Ordinal);
    }

    private const string Requests = "http_server_request_duration_seconds_count";
    private const string RejectedTokens = "orion_tokens_refused_total";

    private static double? Lookups(Scrape scrape, string cache, string result) => scrape["orion_cache_lookups_total", ("cache", cache), ("result", result)];

    // The series of Orion and of requests. Those of the runtime vary.
    private static List<string> Names(Scrape scrape) =>
    [
        .. scrape.Series.Where(sample => sample.Name.StartsWith("orion_", StringComparison.Ordinal) || sample.Name.StartsWith("http_", StringComparison.Ordinal))
            .Select(sample => $"{sample.Name} {string.Join(',', sample.Labels.OrderBy(label => label.Key, StringComparer.Ordinal))}")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Everything that an unauthorized client can vary.</summary>
    /// <param name="orion">The server.</param>
    /// <param name="wave">A text that is unique to the attack.</param>
    private static async Task Attack(MonitoredOrion orion, string wave)
    {
        var address = ("X-Forwarded-For", $"203.0.113.{wave.Length + wave[0]}");
        var good = TestToken.For(OrionServer.Owner);
        (await orion.With((good with { Secret = $"another-secret-of-the-attack-{wave}" }).ToString()).Get("/api/me", address)).Should(401);
        (await orion.With($"attack-{wave}").Get("/api/me", address)).Should(401);
        (await orion.With(good.Older(TimeSpan.FromDays(1)).ToString()).Get("/api/me", address)).Should(401);
        (await orion.With(good.With("iss", $"https://{wave}.evil.example").ToString()).Get("/api/me", address)).Should(401);
        (await orion.As($"{wave}.{Stranger}").Get("/api/me", address)).Should(403);
        (await orion.Anonymous.Get("/api/me", address, ("Origin", $"https://{wave}.evil.example"))).Should(403);
        (await orion.Anonymous.Get($"/attack/{wave}/{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}?email={Stranger}", address)).Should(401);
        (await orion.Anonymous.Send(new HttpMethod($"BREW{wave}"), "/api/sessions", null, address)).Should(401);
        (await orion.Anonymous.Get("/api/me", address, ("User-Agent", $"attack-{wave}"), ("Host", $"{wave}.evil.example"))).Should(401);

        // The earlier attack has exceeded the owner's rate limit, but not that of this address.
        var session = wave == "one" ? await orion.Api.Create() : null;
        if (session is not null)
        {
            var token = await orion.Api.Mint(session);
            await UseUp(orion.With(token), $"/api/sessions/{session}");
            await UseUp(orion.Api, $"/api/sessions/{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}");
        }

        await UseUp(orion.Anonymous, "/api/me", address);
    }

    private static async Task UseUp(ApiClient client, string path, params (string, string)[] headers)
    {
        for (var i = 0; i < 61; i++)
        {
            if ((await client.Get(path, headers)).Status == 429) return;
        }

        Assert.Fail("The limit was not hit.");
    }

    // A UUID, or an address.
    [GeneratedRegex(@"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-|\d+\.\d+\.\d+\.\d+")]
    private static partial Regex Identity();

    [GeneratedRegex("^orion_(tokens|users|origins|limits|scopes|https|sessions|messages)_.*_total$")]
    private static partial Regex Counted();
}

[Collection(TelemetryOnPostgres.Name)]
public sealed class MetricsOnPostgres(PostgresOrion orion) : Metrics(orion)
{
    [Fact]
    public async Task The_pool_shows_its_use_under_a_name_and_not_under_its_connection_string()
    {
        await using var orion = await MonitoredOrion.Start(Database, ("DB_POOL_SIZE", "1"));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => orion.Api.Create()));
        // A background job can use the connection.
        await orion.WaitFor(
            scrape => scrape["db_client_connection_count", ("db_client_connection_pool_name", "requests"), ("db_client_connection_state", "idle")] == 1,
            "The connection is not idle.");
        var scrape = await orion.Scrape();

        Assert.Equal(1, scrape["db_client_connection_max", ("db_client_connection_pool_name", "requests")]);
        // Some requests have waited, but none is waiting now.
        Assert.Equal(0, scrape["db_client_connection_npgsql_pending_requests", ("db_client_connection_pool_name", "requests")]);
        var names = scrape.Series.Select(sample => sample.Labels.GetValueOrDefault("db_client_connection_pool_name")).OfType<string>().Distinct();
        Assert.All(names, name => Assert.Contains(name, (string[])["requests", "check", "migration", "replies"]));
    }

    [Fact]
    public async Task An_outage_of_the_database_and_its_end_are_measured()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var orion = await MonitoredOrion.Start(database);
        await orion.WaitFor(scrape => scrape["orion_database_up"] == 1, "It is not up.");

        await postgres.Stop();
        await orion.WaitFor(scrape => scrape["orion_database_up"] == 0, "It is not down.");
        await postgres.Start();
        await orion.WaitFor(scrape => scrape["orion_database_up"] == 1, "It is not up again.");
    }
}

[Collection(TelemetryOnSqlite.Name)]
public sealed class MetricsOnSqlite(SqliteOrion orion) : Metrics(orion);
