using System.Globalization;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;
using StackExchange.Redis;

namespace Orion.Infrastructure.RateLimiting;

/// <summary>What <see cref="RedisProbe"/> found.</summary>
public sealed record RedisProbeResult
{
    /// <summary>Why Redis cannot count requests; null if it can.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether Redis responds, and rejects the login or the script.</summary>
    public bool IsRejected { get; init; }

    /// <summary>The median time to count a request.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>How far its clock is ahead of this machine's; null if the user may not execute TIME.</summary>
    public TimeSpan? ClockAhead { get; init; }

    /// <summary>Its version; null if the user may not execute INFO.</summary>
    public string? Version { get; init; }

    /// <summary>What Redis does when its memory is full, such as <c>noeviction</c>; null if it has no memory limit, or it is unknown.</summary>
    public string? EvictionPolicy { get; init; }

    /// <summary>The keys that it has evicted since its start, of all its users.</summary>
    public long EvictedKeys { get; init; }
}

/// <summary>Checks a Redis server: counts test requests with the service's script. Their key expires after a second.</summary>
public static class RedisProbe
{
    private const int TimeoutMilliseconds = 5000;

    private const int WindowMilliseconds = 1000;

    private static readonly byte[] Key = [.. RedisWindows.Prefix, .. "doctor"u8];

    /// <summary>Reads the condition of a Redis server over a separate connection.</summary>
    /// <param name="settings">The server.</param>
    /// <param name="timeout">The longest time to wait.</param>
    /// <param name="clock">The clock of this machine.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static async Task<RedisProbeResult> Run(RedisSettings settings, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            return await Read(settings, clock).WaitAsync(timeout, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return new RedisProbeResult { Failure = RedisWindows.ReasonOf(exception), IsRejected = IsRejection(exception) };
        }
    }

    private static async Task<RedisProbeResult> Read(RedisSettings settings, TimeProvider clock)
    {
        var options = RedisWindows.Options(settings);
        options.AbortOnConnectFail = true;
        (options.ConnectTimeout, options.AsyncTimeout) = (TimeoutMilliseconds, TimeoutMilliseconds);
        // For INFO.
        options.AllowAdmin = true;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        var database = connection.GetDatabase();
        var latency = await LatencyProbe.Median(() => RedisWindows.Evaluate(database, Key, WindowMilliseconds, cost: 1, limit: int.MaxValue), clock);
        var server = connection.GetServers()[0];
        var facts = await Facts(server);
        return new RedisProbeResult
        {
            Latency = latency,
            ClockAhead = await ClockAhead(server, clock),
            Version = facts.GetValueOrDefault("redis_version"),
            EvictionPolicy = facts.GetValueOrDefault("maxmemory", "0") == "0" ? null : facts.GetValueOrDefault("maxmemory_policy"),
            EvictedKeys = long.TryParse(facts.GetValueOrDefault("evicted_keys"), CultureInfo.InvariantCulture, out var evicted) ? evicted : 0,
        };
    }

    private static async Task<Dictionary<string, string>> Facts(IServer server)
    {
        try
        {
            return (await server.InfoAsync()).SelectMany(section => section).DistinctBy(fact => fact.Key).ToDictionary();
        }
        catch (RedisServerException)
        {
            // The user has no permission. The service does not need it.
            return [];
        }
    }

    private static async Task<TimeSpan?> ClockAhead(IServer server, TimeProvider clock)
    {
        try
        {
            return await ClockProbe.Ahead(async () => new DateTimeOffset(await server.TimeAsync()), clock);
        }
        catch (RedisServerException)
        {
            return null;
        }
    }

    private static bool IsRejection(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is RedisServerException or RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }) return true;
        }

        return false;
    }
}
