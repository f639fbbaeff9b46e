namespace Orion.IntegrationTests.Telemetry;

/// <summary>The metrics and traces of the model: numbers and names from the settings, and never text.</summary>
[Collection(TelemetryOnSqlite.Name)]
public sealed class ModelTelemetry(SqliteOrion fixture) : IAsyncLifetime
{
    private readonly OtlpReceiver _receiver = new();
    private TestDatabase _database = null!;
    private ModelStandIn _model = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await fixture.CreateDatabase();
        _model = await ModelStandIn.Start();
    }

    public async ValueTask DisposeAsync()
    {
        _receiver.Dispose();
        await _model.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Time_tokens_and_failures_are_measured_by_model_without_text()
    {
        await using var orion = await MonitoredOrion.Start(_database, _model.Settings);

        await Ask(orion);
        _model.Script = reply => reply.Error(401, "telling_type", "telling_code", "A telling message of the provider.");
        await Ask(orion);
        _model.Script = reply => reply.Status(429);
        await Ask(orion);

        var scrape = await orion.Scrape();
        var model = ("gen_ai_request_model", ModelStandIn.Name);
        Assert.Equal(1, scrape["gen_ai_client_operation_time_to_first_chunk_seconds_count", model]);
        Assert.Equal(12, scrape["gen_ai_client_token_usage_sum", model, ("gen_ai_token_type", "input")]);
        Assert.Equal(3, scrape["gen_ai_client_token_usage_sum", model, ("gen_ai_token_type", "output")]);
        Assert.Equal(1, scrape[Duration, model, ("error_type", "Orion.Infrastructure.Models.ModelRefusedException")]);
        Assert.Equal(1, scrape[Duration, model, ("error_type", "Orion.Infrastructure.Models.ModelBusyException")]);
        Assert.Single(scrape.Series, sample => sample.Name == Duration && !sample.Labels.ContainsKey("error_type"));
        AssertNoText(scrape.Text);
    }

    [Fact]
    public async Task A_request_to_the_model_is_a_span_without_text_whatever_OpenTelemetrys_variables_say()
    {
        await using var orion = await MonitoredOrion.Start(
            _database,
            [
                .. _model.Settings, ("OTEL_EXPORTER_OTLP_ENDPOINT", _receiver.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
                ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"),
            ]);

        await Ask(orion);
        _model.Script = reply => reply.Error(401, "telling_type", "telling_code", "A telling message of the provider.");
        await Ask(orion);

        await Eventually.Until(() => _receiver.Traces.Contains("ModelRefusedException", StringComparison.Ordinal), "No spans arrived.");
        Assert.Contains($"chat {ModelStandIn.Name}", _receiver.Traces, StringComparison.Ordinal);
        Assert.Contains("gen_ai.usage.output_tokens", _receiver.Traces, StringComparison.Ordinal);
        AssertNoText(_receiver.Traces);
        await Eventually.Until(() => _receiver.Metrics.Contains("gen_ai.client.token.usage", StringComparison.Ordinal), "No metrics arrived.");
        AssertNoText(_receiver.Metrics);
        // The log has the address that Orion listens on.
        AssertNoText(orion.Process.Output.Replace("127.0.0.1", "", StringComparison.Ordinal));
    }

    private const string Duration = "gen_ai_client_operation_duration_seconds_count";

    private static async Task Ask(MonitoredOrion orion) =>
        (await orion.Api.Post("/api/chat-stream-v2", new { message = "A telling question" })).Should(200);

    private static void AssertNoText(string text)
    {
        // The log has type and code of a provider's error.
        var rest = text.Replace("telling_type", "", StringComparison.Ordinal).Replace("telling_code", "", StringComparison.Ordinal);
        foreach (var telling in (string[])["telling", "Hello", "world.", "127.0.0.1", ModelStandIn.ApiKey, "chatcmpl"])
            Assert.DoesNotContain(telling, rest, StringComparison.Ordinal);
    }
}
