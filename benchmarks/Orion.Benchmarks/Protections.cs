using BenchmarkDotNet.Attributes;
using Orion.Api.Http;
using Orion.Api.RateLimiting;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;

namespace Orion.Benchmarks;

/// <summary>The cost of rate limiting for each request, and of the headers for each response.</summary>
[MemoryDiagnoser]
public class Protections
{
    private static readonly RateLimitSettings Limit = new(int.MaxValue, int.MaxValue, TimeSpan.FromDays(1));

    private readonly FixedWindowRateLimiter _budgets = new(Limit, TimeProvider.System);
    private readonly RateLimitHeaders _headers = new(Limit);
    private readonly RateLimitPartition _key = RateLimitPartition.Of(UserId.New(TimeProvider.System.GetUtcNow()), sessionToken: false);
    private readonly HeaderDictionary _response = [];

    /// <summary>Only the decision.</summary>
    [Benchmark]
    public bool RateLimitDecision() => _budgets.Take(_key).Allowed;

    /// <summary>The decision, and the two headers that tell of it.</summary>
    [Benchmark]
    public void RateLimitWithHeaders() => _headers.Apply(_response, RateLimitPartitionKind.User, _budgets.Take(_key));

    [Benchmark]
    public void SecurityHeaders() => Api.SecurityHeaders.SecurityHeaders.Apply(_response);

    [Benchmark]
    public string RequestId() => RequestIds.New();
}
