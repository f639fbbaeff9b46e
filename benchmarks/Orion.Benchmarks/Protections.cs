using BenchmarkDotNet.Attributes;
using Orion.Api.Http;
using Orion.Api.RateLimiting;
using Orion.Api.SecurityHeaders;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;

namespace Orion.Benchmarks;

/// <summary>The cost of rate limiting for each request, and of the headers for each response.</summary>
[MemoryDiagnoser]
public class Protections
{
    private static readonly RateLimitSettings Limit = new(int.MaxValue, int.MaxValue, TimeSpan.FromDays(1));

    private readonly FixedWindowRateLimiter _limiter = new(Limit, TimeProvider.System);
    private readonly RateLimitHeaders _headers = new(Limit);
    private readonly RateLimitPartition _key = RateLimitPartition.Of(UserId.New(TimeProvider.System.GetUtcNow()), sessionToken: false);
    private readonly HeaderDictionary _response = [];

    /// <summary>Only the decision.</summary>
    [Benchmark]
    public bool RateLimitDecision() => _limiter.Acquire(_key).IsAllowed;

    /// <summary>The decision and its two headers.</summary>
    [Benchmark]
    public void RateLimitWithHeaders() => _headers.Apply(_response, RateLimitPartitionKind.User, _limiter.Acquire(_key));

    [Benchmark]
    public void SecurityHeaders()
    {
        _response.Clear();
        _ = SecurityHeadersMiddleware.Apply(_response);
    }

    [Benchmark]
    public string RequestId() => RequestIds.New();
}
