
namespace Orion.IntegrationTests.Telemetry;

/// <summary>The OTLP export, on both databases.</summary>
public abstract class Traces(OrionFixture fixture) : IAsyncLifetime
{
    private const string Address = "203.0.113.77";
    private readonly OtlpReceiver _receiver = new();
    private TestDatabase? _database;

    private protected OtlpReceiver Receiver => _receiver;

    public async ValueTask InitializeAsync() => _database = await fixture.CreateDatabase();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _receiver.Dispose();
        if (_database is not null) await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_request_its_handler_and_its_queries_are_spans_without_personal_data()
    {
        await using var orion = await Start(("OTEL_EXPORTER_OTLP_ENDPOINT", _receiver.Address));
        var token = TestToken.For(OrionServer.Owner).ToString();
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        (string, string)[] telling =
        [
            ("X-Forwarded-For", Address), ("User-Agent", "telling-agent"), ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"),
            ("tracestate", "vendor=telling-state"), ("baggage", "user=telling-baggage"), ("X-Request-Id", "telling-request"), ("Idempotency-Key", "telling-key"),
        ];
        var response = (await orion.With(token).Post("/api/sessions", new { title = "A telling title", firstMessage = "A telling message" }, telling)).Should(201);
        var id = response.Text("sessionId");
        (await orion.With(token).Get($"/api/sessions/{id}?email={OrionServer.Owner}", telling)).Should(200);
        (await orion.With(token).Get($"/api/sessions/{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}", telling)).Should(404);
        (await orion.With("telling-token").Get("/api/me", telling)).Should(401);
        (await orion.Anonymous.Get("/telling/path?telling=query", telling)).Should(401);
        (await orion.As("telling@example.com").Get("/api/me", telling)).Should(403);
        (await orion.Anonymous.Get("/health")).Should(200);
        // Exports are sent in order, so earlier spans have arrived too.
        (await orion.With(token).Delete($"/api/sessions/{id}", telling)).Should(204);

        await Eventually.Until(() => _receiver.Traces.Contains("DELETE /api/sessions/{sessionId}", StringComparison.Ordinal), "No spans arrived.");
        var traces = _receiver.Traces;
        foreach (var text in (string[])
        [
            "service.name", "orion", "POST /api/sessions", "GET /api/sessions/{sessionId}", "http.response.status_code",
            "AuthenticateCaller", "CreateSession", "GetSession", "DeleteSession", "session_not_found",
        ])
        {
            Assert.Contains(text, traces, StringComparison.Ordinal);
        }

        foreach (var text in (string[])
        [
            "telling", OrionServer.Owner, "@example", Address, id, "127.0.0.1", "url.query", "url.path", "user_agent", "client.address", "eyJhbGci", token[..40], token[^40..],
            TestToken.SharedSecret, "/health", "connection_id", "Host=",
        ])
        {
            Assert.DoesNotContain(text, traces, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(System.Text.Encoding.Latin1.GetString(Convert.FromHexString(trace)), traces, StringComparison.Ordinal);
        if (_database!.Password is { } password) Assert.DoesNotContain(password, traces, StringComparison.Ordinal);
        HasQueries(traces);
    }

    [Fact]
    public async Task Metrics_are_exported_too_and_configured_headers_are_sent()
    {
        await using var orion = await Start(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", _receiver.Address), ("OTEL_EXPORTER_OTLP_HEADERS", "X-Key=of-the-collector"), ("OTEL_SERVICE_NAME", "orion-of-a-test"));
        (await orion.With("nonsense").Get("/api/me")).Should(401);

        await Eventually.Until(
            () => _receiver.Metrics.Contains("orion.tokens.refused", StringComparison.Ordinal) && _receiver.Metrics.Contains("http.route", StringComparison.Ordinal),
            "No metrics arrived.");
        Assert.Contains("orion-of-a-test", _receiver.Metrics, StringComparison.Ordinal);
        Assert.All(_receiver.Keys, key => Assert.Equal("of-the-collector", key));
        Assert.DoesNotContain("Host=", _receiver.Metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_configured_signal_is_exported()
    {
        await using (var orion = await Start(("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", $"{_receiver.Address}/v1/traces")))
        {
            (await orion.Api.Get("/api/me")).Should(200);
            await Eventually.Until(() => _receiver.Traces.Contains("GET /api/me", StringComparison.Ordinal), "No spans arrived.");
            Assert.Empty(_receiver.Metrics);
            Assert.Contains("orion_tokens_minted_total", (await orion.Scrape()).Text, StringComparison.Ordinal);
        }

        var spans = _receiver.Traces;
        await using var measured = await Start(("OTEL_EXPORTER_OTLP_ENDPOINT", _receiver.Address), ("OTEL_TRACES_EXPORTER", "none"));
        (await measured.Api.Get("/api/me")).Should(200);
        await Eventually.Until(() => _receiver.Metrics.Contains("http.route", StringComparison.Ordinal), "No metrics arrived.");
        Assert.Equal(spans, _receiver.Traces);
    }

    /// <summary>The spans of queries, if the database driver creates any.</summary>
    protected abstract void HasQueries(string traces);

    private async Task<MonitoredOrion> Start(params (string Name, string Value)[] settings) => await MonitoredOrion.Start(
        _database!,
        [
            .. settings, ("TRUSTED_PROXIES", "127.0.0.0/8"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
        ]);
}

[Collection(TelemetryOnPostgres.Name)]
public sealed class TracesOnPostgres(PostgresOrion orion) : Traces(orion)
{
    protected override void HasQueries(string traces)
    {
        Assert.Contains("db.query.text", traces, StringComparison.Ordinal);
        Assert.Contains("INSERT INTO sessions", traces, StringComparison.Ordinal);
        // The check of the database does not belong to a request.
        Assert.DoesNotContain("SELECT 1", traces, StringComparison.Ordinal);
    }
}

[Collection(TelemetryOnSqlite.Name)]
public sealed class TracesOnSqlite(SqliteOrion orion) : Traces(orion)
{
    protected override void HasQueries(string traces) => Assert.DoesNotContain("db.query.text", traces, StringComparison.Ordinal);
}
