using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orion.IntegrationTests.Telemetry;

/// <summary>The addresses where metrics are served.</summary>
public sealed class MetricsPort : IAsyncLifetime
{
    private readonly SqliteDatabase _database = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task The_metrics_port_serves_only_metrics_and_only_it_does()
    {
        await using var orion = await MonitoredOrion.Start(_database);

        (await orion.Anonymous.Get("/metrics")).Should(401);
        (await orion.Api.Get("/metrics")).Should(404);
        Assert.StartsWith("text/plain", (await orion.Metrics.Get("/metrics")).Should(200).ContentType, StringComparison.Ordinal);
        foreach (var path in (string[])["/", "/metrics/", "/metrics/more", "/Metrics2", "/health", "/health/live", "/api/me", "/api/sessions"])
            (await orion.Metrics.Get(path, ("Authorization", $"Bearer {TestToken.For(OrionServer.Owner)}"))).Should(404);
        (await orion.Metrics.Post("/metrics", null)).Should(404);
        // Requests to it are not counted.
        Assert.DoesNotContain("metrics2", (await orion.Scrape()).Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Metrics_are_on_loopback_by_default()
    {
        await using (var orion = await MonitoredOrion.Start(_database)) Assert.Contains("http://127.0.0.1:", orion.Process.Output, StringComparison.Ordinal);

        await using var open = await MonitoredOrion.Start(_database, ("METRICS_ADDRESS", "0.0.0.0"));
        Assert.Contains("http://0.0.0.0:", open.Process.Output, StringComparison.Ordinal);
        await open.Scrape();
    }

    [Fact]
    public async Task A_port_in_use_ends_the_process_with_one_sentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var environment = OrionProcess.Environment(_database, PostgresCluster.FreePort());
        environment["METRICS_PORT"] = taken;

        var ended = await OrionProcess.RunToItsEnd(_database.DataFolder, environment);

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("Orion does not start: 1 problem", ended.Output, StringComparison.Ordinal);
        Assert.Contains("METRICS_PORT", ended.Output, StringComparison.Ordinal);
        Assert.Contains(taken, ended.Output, StringComparison.Ordinal);
        foreach (var word in (string[])["   at ", "Exception", "Unhandled"]) Assert.DoesNotContain(word, ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unavailable_collector_is_logged_once()
    {
        await using var orion = await MonitoredOrion.Start(
            _database, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_METRIC_EXPORT_INTERVAL", "100"), ("OTEL_BSP_SCHEDULE_DELAY", "100"));

        await Eventually.Until(() => Task.FromResult(orion.Process.Output.Contains("collector", StringComparison.Ordinal)), "The failure of the export is not logged.");
        for (var i = 0; i < 20; i++)
        {
            (await orion.Api.Get("/api/me")).Should(200);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Single(orion.Process.Output.Split('\n'), line => line.Contains("collector", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("OTEL_SDK_DISABLED")]
    public async Task OpenTelemetry_is_not_loaded_unless_it_is_configured(string switchedOffBy)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process has loaded is read from /proc.");
        (string, string)[] settings = switchedOffBy.Length == 0
            ? [("METRICS_PORT", "")]
            : [(switchedOffBy, "true"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")];
        await using var off = await MonitoredOrion.Start(_database, settings);
        (await off.Api.Get("/api/me")).Should(200);
        Assert.DoesNotContain("OpenTelemetry", await off.Process.Loaded(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => off.Metrics.Get("/metrics"));

        await using var on = await MonitoredOrion.Start(_database);
        Assert.Contains("OpenTelemetry", await on.Process.Loaded(), StringComparison.Ordinal);
    }
}
