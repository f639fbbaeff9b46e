using Orion.Cli.Reporting;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.RateLimiting;

namespace Orion.Cli.Doctor;

/// <summary>Counts a request in Redis. Without Redis, each instance counts requests by itself.</summary>
internal static class RedisChecks
{
    private const string Subject = "redis";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HighLatency = TimeSpan.FromMilliseconds(20);

    internal static async Task<IReadOnlyList<DoctorResult>> Run(RedisSettings? redis, CancellationToken cancellationToken) => redis is null
        ? [new DoctorResult(Subject, Health.Pass, "not configured (REDIS_URL): each instance has its own rate limits")]
        : [.. Evaluate(redis.ToString(), await RedisProbe.Run(redis, Timeout, TimeProvider.System, cancellationToken))];

    /// <summary>Evaluates what a probe found.</summary>
    internal static IEnumerable<DoctorResult> Evaluate(string address, RedisProbeResult result)
    {
        if (result.Failure is { } failure)
        {
            var found = $"{address} cannot count requests: {Printable.Of(failure, maxLength: 200)}";
            yield return result.IsRejected
                ? new DoctorResult(Subject, Health.Fail, found, "Correct what the message names: the login in REDIS_URL, the permissions (docs/operations.md, \"Several instances\"), a replica, or a full memory.")
                : new DoctorResult(Subject, Health.Warn, found, "Check REDIS_URL, and whether Redis runs. Meanwhile, each instance counts requests by itself.");
            yield break;
        }

        var version = result.Version is null ? "" : $" (Redis {Printable.Of(result.Version)})";
        var counts = $"{address}{version} counts a request in {Measured.Milliseconds(result.Latency)}";
        yield return result.Latency < HighLatency
            ? new DoctorResult(Subject, Health.Pass, counts)
            : new DoctorResult(Subject, Health.Warn, counts, "Every request waits for it once, for at most 100 ms: move Redis closer to the service.");
        if (result.EvictedKeys > 0)
        {
            yield return new DoctorResult(
                Subject,
                Health.Warn,
                $"{result.EvictedKeys} keys were evicted ({Printable.Of(result.EvictionPolicy ?? "unknown policy")}): rate limits may have begun again",
                "Increase maxmemory, or use a separate Redis server for Orion.");
        }
        else if (result.EvictionPolicy is { } policy)
        {
            yield return new DoctorResult(Subject, Health.Pass, policy == "noeviction"
                ? "noeviction: when its memory is full, each instance counts requests by itself"
                : $"{Printable.Of(policy)}: when its memory is full, rate limits may begin again");
        }

        if (result.ClockAhead is { } ahead) yield return ClockChecks.Evaluate("Redis", ahead);
    }
}
