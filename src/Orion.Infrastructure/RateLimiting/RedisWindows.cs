using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Orion.Application.RateLimiting;
using Orion.Application.Telemetry;
using Orion.Infrastructure.Configuration;
using StackExchange.Redis;

namespace Orion.Infrastructure.RateLimiting;

/// <summary>
/// Counts requests in Redis: one script, one round trip, on Redis's clock. After a failure, requests are not counted here until Redis responds
/// to a probe. No request waits for a probe.
/// </summary>
internal sealed partial class RedisWindows : ISharedWindows, IMetricsSource, IDisposable
{
    // A key that has lost its expiry gets one again: its window would never end. INCRBY 0 begins the window of a request that does not fit.
    private const string Script = """
        local window, cost, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local used = tonumber(redis.call('GET', KEYS[1]) or 0)
        local counted = used + cost <= limit
        used = redis.call('INCRBY', KEYS[1], counted and cost or 0)
        local left = redis.call('PTTL', KEYS[1])
        if left < 0 then
          redis.call('PEXPIRE', KEYS[1], window)
          left = window
        end
        return {counted and 1 or 0, used, left}
        """;

    private const int KeyLength = 32;

    internal static readonly byte[] Prefix = "orion:rate-limit:"u8.ToArray();
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private readonly Task<ConnectionMultiplexer> _connection;
    private readonly RedisValue _window;
    private readonly byte[] _key;
    private readonly TimeProvider _clock;
    private readonly ILogger<RedisWindows> _logger;

    // Null while Redis is not available. The gate guards it and the time of the next probe.
    private readonly Lock _gate = new();
    private volatile IDatabase? _database;
    private long _probedAt;
    private bool _isReported;

    /// <param name="settings">Redis.</param>
    /// <param name="tokens">The shared secret. The names of keys are derived with it, so that they reveal no address.</param>
    /// <param name="window">The length of a window.</param>
    /// <param name="clock">The clock of waits.</param>
    /// <param name="logger">The log.</param>
    public RedisWindows(RedisSettings settings, TokenSettings tokens, RateLimitSettings window, TimeProvider clock, ILogger<RedisWindows> logger)
    {
        _clock = clock;
        _logger = logger;
        _window = (long)window.Window.TotalMilliseconds;
        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(tokens.Secret), KeyLength, salt: [], info: "orion/rate-limit/v1"u8.ToArray());
        _connection = ConnectionMultiplexer.ConnectAsync(Options(settings));
        _probedAt = clock.GetTimestamp();
        _ = Probe();
    }

    public void Begin(Meter meter) => meter.CreateObservableGauge(
        "orion.rate_limit.shared", () => _database is null ? 0 : 1, description: "1 if all instances count requests together, 0 if this one counts by itself.");

    public ValueTask<SharedWindow?> Count(ReadOnlySpan<byte> partition, int cost, int limit)
    {
        if (_database is not { } database)
        {
            ProbeIfDue();
            return ValueTask.FromResult<SharedWindow?>(null);
        }

        return Count(database, KeyOf(partition), cost, limit);
    }

    public void Dispose()
    {
        // Does not wait for a connection that is still being established.
        if (_connection.IsCompletedSuccessfully) _connection.Result.Dispose();
    }

    private async ValueTask<SharedWindow?> Count(IDatabase database, byte[] key, int cost, int limit)
    {
        try
        {
            var values = (long[])(await Run(database, key, cost, limit))!;
            return new SharedWindow(values[0] == 1, values[1], TimeSpan.FromMilliseconds(values[2]));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException or ObjectDisposedException)
        {
            Fail(exception);
            return null;
        }
    }

    private byte[] KeyOf(ReadOnlySpan<byte> partition)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, partition, hash);
        return [.. Prefix, .. hash];
    }

    private Task<RedisResult> Run(IDatabase database, byte[] key, int cost, int limit) =>
        Evaluate(database, key, _window, cost, limit).WaitAsync(LongestWait, _clock);

    /// <summary>Counts a request.</summary>
    /// <param name="database">Redis.</param>
    /// <param name="key">The key of the window.</param>
    /// <param name="window">The length of the window, in milliseconds.</param>
    /// <param name="cost">The number of requests that it counts as.</param>
    /// <param name="limit">The number of requests that the window allows.</param>
    internal static Task<RedisResult> Evaluate(IDatabase database, byte[] key, RedisValue window, int cost, int limit) =>
        database.ScriptEvaluateAsync(Script, [key], [window, cost, limit]);

    private void Fail(Exception exception)
    {
        lock (_gate)
        {
            _database = null;
            _probedAt = _clock.GetTimestamp();
            if (_isReported) return;
            _isReported = true;
        }

        LogUnavailable(_logger, ReasonOf(exception));
    }

    // The client's own messages contain its addresses and a page of statistics, those of Redis are short. The innermost exception is the most
    // specific.
    internal static string ReasonOf(Exception exception)
    {
        var reason = exception.GetType().Name;
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            reason = cause switch
            {
                TimeoutException => "no response in time",
                RedisConnectionException connection => connection.FailureType.ToString(),
                RedisServerException server => server.Message,
                _ => reason,
            };
        }

        return reason;
    }

    private void ProbeIfDue()
    {
        lock (_gate)
        {
            if (_clock.GetElapsedTime(_probedAt) < ProbeInterval) return;
            _probedAt = _clock.GetTimestamp();
        }

        _ = Probe();
    }

    private async Task Probe()
    {
        try
        {
            // The first connection may take longer than a request waits. Later ones are established in the background.
            var database = (await _connection).GetDatabase();
            // The script itself, because Redis can respond and not execute it: a replica, no memory, a missing permission.
            await Run(database, KeyOf([]), cost: 1, limit: int.MaxValue);
            lock (_gate)
            {
                _database = database;
                if (!_isReported) return;
                _isReported = false;
            }

            LogAvailable(_logger);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    internal static ConfigurationOptions Options(RedisSettings settings) => new()
    {
        EndPoints = { { settings.Host, settings.Port } },
        User = settings.User,
        Password = settings.Password,
        DefaultDatabase = settings.Database,
        Ssl = settings.UsesTls,
        ClientName = "orion",
        AbortOnConnectFail = false,
        // A request is counted now or not at all.
        BacklogPolicy = BacklogPolicy.FailFast,
        ConnectTimeout = 2000,
        AsyncTimeout = 1000,
        ReconnectRetryPolicy = new LinearRetry(1000),
    };

    [LoggerMessage(2012, LogLevel.Warning, "Redis is unavailable ({Reason}): each instance counts requests by itself until it is available again")]
    private static partial void LogUnavailable(ILogger logger, string reason);

    [LoggerMessage(2013, LogLevel.Information, "Redis is available: all instances count requests together")]
    private static partial void LogAvailable(ILogger logger);
}
