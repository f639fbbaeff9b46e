using StackExchange.Redis;

namespace Orion.IntegrationTests.Cli.Doctor;

/// <summary>What <c>orion doctor</c> says of Redis.</summary>
[Collection(CliOnSqlite.Name)]
public sealed class RedisCheckTests(SqliteOrion orion) : CommandTests(orion), IAsyncLifetime
{
    private RedisServer _redis = null!;

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        _redis = await RedisServer.Start();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await _redis.DisposeAsync();
        await DisposeAsync();
    }

    private string Address => $"127.0.0.1:{_redis.Port}";

    [Fact]
    public async Task Redis_that_counts_requests_passes_with_its_latency_and_clock_and_nothing_remains_in_it()
    {
        var output = await Doctor(_redis.Url);

        Assert.Matches($@"(?m)^pass +redis +{Address} \(Redis \d+\.\d+\.\d+\) counts a request in [0-9.]+ ms$", output);
        Assert.Matches("(?m)^pass +clocks +Redis is [0-9.]+ ms (ahead|behind)$", output);
        await Eventually.Until(async () => (await Execute("EXISTS", "orion:rate-limit:doctor")).ToString() == "0", "The key stays.");
    }

    [Fact]
    public async Task Without_Redis_it_says_so() =>
        Assert.Matches(@"(?m)^pass +redis +not configured \(REDIS_URL\)", (await Command("doctor")).Out);

    [Fact]
    public async Task The_permissions_in_the_guide_are_enough()
    {
        await Execute(
            "ACL", "SETUSER", "limits", "on", ">secret-of-limits", "~orion:rate-limit:*", "+get", "+incrby", "+pttl", "+pexpire", "+eval", "+evalsha", "+script", "+ping",
            "+client", "+info", "+echo", "+config", "+cluster", "+select");

        var output = await Doctor($"redis://limits:secret-of-limits@{Address}/3");

        Assert.Matches($@"(?m)^pass +redis +{Address} ", output);
        Assert.DoesNotContain("Redis is", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_login_and_a_missing_permission_fail()
    {
        var output = await Doctor($"redis://:wrong-password@{Address}", exitCode: 2);
        Assert.Matches($"(?m)^FAIL +redis +{Address} cannot count requests: ", output);
        Assert.DoesNotContain("wrong-password", output, StringComparison.Ordinal);

        await Execute("ACL", "SETUSER", "reader", "on", ">secret-of-reader", "~*", "+@all", "-pexpire");
        Assert.Matches(
            $"(?m)^FAIL +redis +{Address} cannot count requests: ", await Doctor($"redis://reader:secret-of-reader@{Address}", exitCode: 2));
    }

    [Fact]
    public async Task Redis_that_does_not_respond_is_a_warning()
    {
        _redis.Freeze();
        Assert.Matches($"(?m)^warn +redis +{Address} cannot count requests: ", await Doctor(_redis.Url));
        _redis.Thaw();

        await _redis.Kill();
        Assert.Matches($"(?m)^warn +redis +{Address} cannot count requests: ", await Doctor(_redis.Url));
    }

    [Fact]
    public async Task The_policy_for_a_full_memory_is_reported_and_evicted_keys_are_a_warning()
    {
        await Execute("CONFIG", "SET", "maxmemory", "100mb");
        Assert.Matches("(?m)^pass +redis +noeviction: ", await Doctor(_redis.Url));

        await Execute("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        Assert.Matches("(?m)^pass +redis +allkeys-lru: ", await Doctor(_redis.Url));

        await Execute("SET", "large", new string('x', 1 << 20));
        await Execute("CONFIG", "SET", "maxmemory", "1mb");
        await Execute("PING");
        await Execute("CONFIG", "SET", "maxmemory", "100mb");
        Assert.Matches(@"(?m)^warn +redis +\d+ keys were evicted \(allkeys-lru\)", await Doctor(_redis.Url));
    }

    private async Task<RedisResult> Execute(string command, params string[] arguments)
    {
        await using var client = await _redis.Connect();
        return await client.GetDatabase(3).ExecuteAsync(command, [.. arguments.Cast<object>()]);
    }

    private async Task<string> Doctor(string url, int? exitCode = null)
    {
        var ended = await Run(Environment(Orion.Database, ("REDIS_URL", url)), "", "doctor");
        if (exitCode is { } expected) ended.Should(expected);
        else Assert.True(ended.ExitCode < 2, ended.Output);
        return ended.Out;
    }
}
