using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application.RateLimiting;
using StackExchange.Redis;

namespace Orion.IntegrationTests.RateLimiting;

/// <summary>Rate limits that several instances share through a real Redis.</summary>
public sealed partial class SharedRateLimits(PostgresServers servers) : IAsyncLifetime
{
    private const int Unavailable = 2012;
    private const int Available = 2013;

    private readonly List<OrionServer> _instances = [];
    private RedisServer _redis = null!;
    private PostgresDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.Start();
        _database = await PostgresDatabase.Create(await servers.Shared());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances) await instance.DisposeAsync();
        await _database.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Over_two_instances_exactly_the_limit_passes_and_their_headers_agree()
    {
        OrionServer[] instances = [await Shared(50), await Shared(50)];

        var responses = await WhileShared(instances, () => Task.WhenAll(Enumerable.Range(0, 200).Select(n => instances[n % 2].Api.Get("/api/me"))));

        var passed = responses.Where(response => response.Status == 200).ToList();
        Assert.Equal(Enumerable.Range(0, 50), passed.Select(response => Left(response).Requests).Order());
        Assert.All(responses.Except(passed), response => response.ShouldBeProblem(429, "rate_limited"));
        Assert.All(responses, response => Assert.Equal("\"default\";q=50;w=900", response.Header("RateLimit-Policy")));
        Assert.All(responses, response => Assert.InRange(Left(response).Seconds, 800, 900));
        // Session tokens and addresses have windows of their own.
        (await instances[0].Anonymous.Get("/api/me")).ShouldBeProblem(401, "missing_token");
    }

    [Fact]
    public async Task An_export_counts_as_ten_requests_on_all_instances_and_one_that_does_not_fit_counts_as_none()
    {
        OrionServer[] instances = [await Shared(29), await Shared(29)];

        var responses = await WhileShared(instances, async () => new List<ApiResponse>
        {
            await instances[0].Api.Get("/api/export"),
            await instances[1].Api.Get("/api/export"),
            await instances[0].Api.Get("/api/export"),
            await instances[1].Api.Get("/api/export"),
            await instances[0].Api.Get("/api/me"),
        });

        Assert.Equal([(200, 19), (200, 9), (429, 9), (429, 9), (200, 8)], responses.Select(response => (response.Status, Left(response).Requests)));
        Assert.Equal(Left(responses[2]).Seconds.ToString(CultureInfo.InvariantCulture), responses[2].Required("Retry-After"));
    }

    [Fact]
    public async Task The_keys_of_windows_reveal_no_address_and_expire()
    {
        var server = await Shared(50);
        await WhileShared([server], async () =>
        {
            (await server.Api.Get("/api/me")).Should(200);
            return (await server.Anonymous.Get("/api/me")).ShouldBeProblem(401, "missing_token");
        });

        await using var client = await _redis.Connect();
        var database = client.GetDatabase(3);
        var keys = client.GetServers()[0].Keys(3).ToList();
        Assert.Equal(2, keys.Count);
        foreach (var key in keys)
        {
            var bytes = (byte[])key!;
            Assert.Equal("orion:rate-limit:", Encoding.Latin1.GetString(bytes[..^32]));
            Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value.TotalSeconds, 1, 900);
        }
    }

    [Fact]
    public async Task Without_Redis_each_instance_counts_by_itself_and_together_again_when_it_is_back()
    {
        await _redis.Kill();
        var first = await Instance(1000);
        var second = await Instance(1000);
        await Eventually.Until(() => Failures(first) == 1, "It is not reported.");
        Assert.Equal((999, 998), (Left(await first.Api.Get("/api/me")).Requests, Left(await first.Api.Get("/api/me")).Requests));
        Assert.Equal(999, Left(await second.Api.Get("/api/me")).Requests);

        await _redis.StartAgain();
        var (one, two) = await WhileShared([first, second], async () =>
            (Left(await first.Api.Get("/api/me")).Requests, Left(await second.Api.Get("/api/me")).Requests));
        Assert.Equal((999, 998), (one, two));

        // Each change is one line, however many requests notice it.
        await _redis.Kill();
        for (var n = 0; n < 20; n++) (await first.Api.Get("/api/me")).Should(200);
        Assert.Equal(Failures(first), first.Log.All.Count(line => line.Event.Id == Available) + 1);
    }

    [Fact]
    public async Task A_frozen_Redis_holds_up_one_request_briefly_and_no_other()
    {
        var server = await Shared(1000);
        var windows = server.Services.GetRequiredService<ISharedWindows>();
        _redis.Freeze();

        // The client itself would wait for more than 5 s.
        Assert.Null(await windows.Count([1], 1, int.MaxValue).AsTask().WaitAsync(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken));
        var next = windows.Count([1], 1, int.MaxValue).AsTask();
        Assert.True(next.IsCompleted);
        Assert.Null(await next);
        (await server.Api.Get("/api/me")).Should(200);

        // A probe fails without a request that waits for it.
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(windows.Count([1], 1, int.MaxValue).AsTask().IsCompleted);
        _redis.Thaw();
        await BecomeShared(server);
        Assert.Equal(Failures(server), server.Log.All.Count(line => line.Event.Id == Available));
    }

    [Fact]
    public async Task A_Redis_that_does_not_execute_the_script_is_unavailable_and_the_log_says_so_once_with_the_reason()
    {
        await using var client = await _redis.Connect();
        await client.GetDatabase().ExecuteAsync("ACL", "SETUSER", "poor", "on", ">poor", "~*", "+@all", "-@scripting");
        var server = await Instance(1000, $"redis://poor:poor@127.0.0.1:{_redis.Port}");

        // Each request after a second is a probe.
        for (var n = 1; n <= 5; n++)
        {
            Assert.Equal(1000 - n, Left(await server.Api.Get("/api/me")).Requests);
            server.Clock.Advance(TimeSpan.FromSeconds(2));
            await Task.Delay(300, TestContext.Current.CancellationToken);
        }

        Assert.Contains("NOPERM", Assert.Single(server.Log.All, line => line.Event.Id is Unavailable or Available).Text, StringComparison.Ordinal);
    }

    private async Task<OrionServer> Instance(int limit, string? url = null)
    {
        var server = await OrionServer.Start(
            _database, ("REDIS_URL", url ?? _redis.Url), ("RATE_LIMIT_MAX_REQUESTS", limit.ToString(CultureInfo.InvariantCulture)));
        _instances.Add(server);
        return server;
    }

    private async Task<OrionServer> Shared(int limit)
    {
        var server = await Instance(limit);
        await BecomeShared(server);
        return server;
    }

    // A busy machine can take longer than Orion waits for Redis. Then the instances count by themselves, and the test begins again.
    private async Task<T> WhileShared<T>(OrionServer[] instances, Func<Task<T>> requests)
    {
        await using var client = await _redis.Connect();
        while (true)
        {
            foreach (var instance in instances) await BecomeShared(instance);
            await client.GetServers()[0].FlushAllDatabasesAsync();
            var before = instances.Sum(Failures);
            var result = await requests();
            if (instances.Sum(Failures) == before) return result;
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static int Failures(OrionServer server) => server.Log.All.Count(line => line.Event.Id == Unavailable);

    // Counts for a partition of no request.
    private static async Task BecomeShared(OrionServer server)
    {
        var windows = server.Services.GetRequiredService<ISharedWindows>();
        await Eventually.Until(async () => await windows.Count([2], 1, int.MaxValue) is not null, "Redis is not used.");
    }

    private static (int Requests, int Seconds) Left(ApiResponse response)
    {
        var match = Remaining().Match(response.Required("RateLimit"));
        return (int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("""^"default";r=(\d+);t=(\d+)$""")]
    private static partial Regex Remaining();
}
