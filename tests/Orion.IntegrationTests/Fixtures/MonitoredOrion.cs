using System.Globalization;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>Orion in its own process, so that its metrics count only the requests of one test.</summary>
internal sealed class MonitoredOrion : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly HttpClient _metrics;

    private MonitoredOrion(OrionProcess process, int port, int metricsPort)
    {
        Process = process;
        _http = new HttpClient { BaseAddress = At(port) };
        _metrics = new HttpClient { BaseAddress = At(metricsPort) };
        Address = At(port).ToString();
        MetricsPort = metricsPort.ToString(CultureInfo.InvariantCulture);
        Metrics = new ApiClient(_metrics, token: null);
        Anonymous = new ApiClient(_http, token: null);
    }

    public OrionProcess Process { get; }

    /// <summary>Where the service listens.</summary>
    public string Address { get; }

    /// <summary>The port of the metrics.</summary>
    public string MetricsPort { get; }

    /// <summary>The port of the metrics.</summary>
    public ApiClient Metrics { get; }

    /// <summary>Requests without a token.</summary>
    public ApiClient Anonymous { get; }

    /// <summary>The owner's requests.</summary>
    public ApiClient Api => As(OrionServer.Owner);

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <param name="database">Its database. The caller disposes of it.</param>
    /// <param name="settings">Settings that differ from those of a test server. An empty value removes a setting.</param>
    public static async Task<MonitoredOrion> Start(TestDatabase database, params (string Name, string Value)[] settings)
    {
        var (port, metricsPort) = (PostgresCluster.FreePort(), PostgresCluster.FreePort());
        var environment = OrionProcess.Environment(database, port);
        environment["METRICS_PORT"] = metricsPort.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in settings) environment[name] = value;

        var orion = new MonitoredOrion(OrionProcess.Start(Path.GetTempPath(), environment), port, metricsPort);
        await Eventually.Until(async () => await orion.StatusOf("/health/ready", orion.Anonymous) == 200, "It did not get ready.");
        // This port is opened after the other one.
        if (settings.All(setting => setting.Name is not ("METRICS_PORT" or "OTEL_SDK_DISABLED")))
            await Eventually.Until(async () => await orion.StatusOf("/metrics", orion.Metrics) is not null, "The port of the metrics is closed.");
        return orion;
    }

    /// <summary>The requests of a user.</summary>
    public ApiClient As(string email) => With(TestToken.For(email).ToString());

    /// <summary>Requests with this token.</summary>
    public ApiClient With(string token) => new(_http, () => token);

    /// <summary>The current metrics, as Prometheus reads them.</summary>
    public async Task<Scrape> Scrape() => new((await Metrics.Get("/metrics")).Should(200).BodyText);

    /// <summary>Waits until the metrics meet a condition.</summary>
    public Task WaitFor(Func<Scrape, bool> expected, string otherwise) => Eventually.Until(async () => expected(await Scrape()), otherwise);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _metrics.Dispose();
        await Process.DisposeAsync();
    }

    private static Uri At(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

    private async Task<int?> StatusOf(string path, ApiClient client)
    {
        if (Process.HasEnded) throw new Xunit.Sdk.XunitException($"It did not start:\n{Process.Output}");
        try
        {
            return (await client.Get(path)).Status;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
