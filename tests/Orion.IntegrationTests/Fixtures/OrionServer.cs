using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orion.Application.Replies;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// Orion in this process, on a socket with its own port on 127.0.0.1; or several instances on one database, whose requests
/// <see cref="RoundRobin"/> distributes. They share the clock, the log and the model.
/// </summary>
public sealed class OrionServer : IAsyncDisposable
{
    /// <summary>The owner, who is on the allow-list by configuration.</summary>
    public const string Owner = "owner@example.com";

    /// <summary>An allowed origin.</summary>
    public const string Origin = "https://app.example.com";

    private readonly IReadOnlyList<WebApplication> _apps;

    private OrionServer(
        IReadOnlyList<WebApplication> apps, TestDatabase database, TestClock clock, LogLines log, TestModel model, IReadOnlyList<PartitionCheck> partitions)
    {
        Partitions = partitions;
        _apps = apps;
        Database = database;
        Clock = clock;
        Log = log;
        Model = model;
        var addresses = apps.Select(app => new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First())).ToList();
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        Http = new HttpClient(apps.Count == 1 ? handler : new RoundRobin(addresses, handler))
        {
            BaseAddress = addresses[0],
            Timeout = TimeSpan.FromSeconds(60),
        };
        Anonymous = new ApiClient(Http, token: null);
        Api = As(Owner);
    }

    public TestDatabase Database { get; }

    public TestClock Clock { get; }

    /// <summary>The check of its statements, if its tables are partitioned.</summary>
    internal IReadOnlyList<PartitionCheck> Partitions { get; }

    public LogLines Log { get; }

    /// <summary>The model, unless the settings have <c>MODEL_URL</c>.</summary>
    public TestModel Model { get; }

    public HttpClient Http { get; }

    /// <summary>The port of the first instance.</summary>
    public int Port => Http.BaseAddress!.Port;

    /// <summary>The services of the first instance.</summary>
    public IServiceProvider Services => _apps[0].Services;

    /// <summary>The owner's requests.</summary>
    public ApiClient Api { get; }

    /// <summary>Requests without a token.</summary>
    public ApiClient Anonymous { get; }

    /// <summary>The settings of a test server: those of production, without HTTPS and with a rate limit that no test reaches.</summary>
    public static Dictionary<string, string> Settings(TestDatabase database) => new(database.Settings)
    {
        ["environment"] = "Production",
        ["urls"] = "http://127.0.0.1:0",
        ["ORION_ENV_FILE"] = "none",
        ["ORION_SHARED_JWT_SECRET"] = TestToken.SharedSecret,
        ["JWT_ISSUER"] = TestToken.Issuer,
        ["JWT_AUDIENCE"] = TestToken.Audience,
        ["AUTHORIZED_USER_EMAIL"] = Owner,
        ["ALLOWED_ORIGINS"] = $"{Origin},http://localhost:3000",
        ["RATE_LIMIT_MAX_REQUESTS"] = "10000000",
        ["REQUIRE_HTTPS"] = "false",
        // So that the tests that walk the routes include it.
        ["MCP"] = "true",
        // A test reads the log through LogLines.
        ["Logging:Console:LogLevel:Default"] = "None",
    };

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <param name="database">Its database. The caller disposes of it.</param>
    /// <param name="settings">Settings that differ from <see cref="Settings"/>.</param>
    public static Task<OrionServer> Start(TestDatabase database, params (string Name, string Value)[] settings) => Start(database, null, settings);

    /// <summary>Starts a server with a changed configuration, and waits until it is ready.</summary>
    public static async Task<OrionServer> Start(
        TestDatabase database, Action<WebApplicationBuilder>? configure, params (string Name, string Value)[] settings)
    {
        var server = await Launch(database, configure, settings);
        await server.BecomesReady();
        return server;
    }

    /// <summary>Starts several instances, and waits until they are ready.</summary>
    public static async Task<OrionServer> Start(TestDatabase database, int instances)
    {
        var server = await LaunchInstances(instances, database, configure: null, settings: []);
        await server.BecomesReady();
        return server;
    }

    /// <summary>Starts a server and does not wait for its database.</summary>
    public static Task<OrionServer> Launch(
        TestDatabase database, Action<WebApplicationBuilder>? configure, params (string Name, string Value)[] settings) =>
        LaunchInstances(1, database, configure, settings);

    private static async Task<OrionServer> LaunchInstances(
        int instances, TestDatabase database, Action<WebApplicationBuilder>? configure, (string Name, string Value)[] settings)
    {
        var all = Settings(database);
        foreach (var (name, value) in settings) all[name] = value;

        var clock = new TestClock();
        var log = new LogLines();
        var model = new TestModel();
        var apps = new List<WebApplication>();
        var partitions = new List<PartitionCheck>();
        for (var n = 0; n < instances; n++)
        {
            var app = global::Orion.Api.Program.Build([.. all.Select(setting => $"--{setting.Key}={setting.Value}")], builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(clock);
                if (!all.ContainsKey("MODEL_URL")) builder.Services.AddSingleton<IModelClient>(model);
                if (PartitionCheck.Add(builder, database) is { } check) partitions.Add(check);
                configure?.Invoke(builder);
            });
            app.Services.GetRequiredService<ILoggerFactory>().AddProvider(n == 0 ? log : new LogLines(log));
            await app.StartAsync();
            apps.Add(app);
        }

        return new OrionServer(apps, database, clock, log, model, partitions);
    }

    /// <summary>The requests of a user.</summary>
    public ApiClient As(string email) => new(Http, () => TestToken.For(email, Clock).ToString());

    /// <summary>Requests with this token.</summary>
    public ApiClient With(string token) => new(Http, () => token);

    /// <summary>Waits until it is ready; until each instance is, if there are several.</summary>
    public async Task BecomesReady(double withinSeconds = 60)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        var ready = 0;
        while (true)
        {
            var response = await Anonymous.Get("/health/ready");
            ready = response.Status == 200 ? ready + 1 : 0;
            if (ready == _apps.Count) return;
            if (ready > 0) continue;
            // It says so before it stops.
            if (Log.All.FirstOrDefault(line => line.Level == LogLevel.Critical) is { } failure) Assert.Fail($"It will never be ready: {failure.Text}");
            Assert.True(clock.GetElapsedTime(start).TotalSeconds < withinSeconds, $"Not ready after {withinSeconds} s: {response}\n{string.Join('\n', Log.All)}");
            await Task.Delay(50);
        }
    }

    /// <summary>
    /// Waits until a revocation, or the end of a session's tokens, applies to all instances: no time if there is only one, otherwise 5 s.
    /// </summary>
    public Task RevocationAppliesEverywhere() => _apps.Count == 1 ? Task.CompletedTask : Task.Delay(TimeSpan.FromSeconds(5));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        await Task.WhenAll(_apps.Select(app => app.StopAsync(timeout.Token)));
        foreach (var app in _apps) await app.DisposeAsync();
        foreach (var check in Partitions) check.Verify();
    }
}
