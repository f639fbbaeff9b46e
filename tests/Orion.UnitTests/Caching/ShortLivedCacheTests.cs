using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orion.Infrastructure.Caching;
using Orion.Infrastructure.Persistence;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.UnitTests.Caching;

public sealed class ShortLivedCacheTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(Given.Now);
    private readonly ServiceProvider _services = new ServiceCollection()
        .AddScoped<OrionDbContext>(_ => new SqliteDbContext(new DbContextOptionsBuilder<SqliteDbContext>().UseOrionSqlite("Data Source=:memory:").Options))
        .BuildServiceProvider();

    private readonly List<TaskCompletionSource<string?>> _queries = [];
    private readonly ShortLivedCache<string, string?> _cache;
    private Func<string, Task<string?>> _database;

    public ShortLivedCacheTests()
    {
        _database = _ => Query();
        _cache = new((_, key) => _database(key), _services.GetRequiredService<IServiceScopeFactory>(), _clock);
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task A_result_is_cached_for_4_seconds_even_if_it_is_null()
    {
        foreach (var value in (string?[])["here", null])
        {
            var lookup = Get();
            _queries[^1].SetResult(value);
            Assert.Equal(value, await lookup);
            var count = _queries.Count;

            _clock.Advance(TimeSpan.FromSeconds(4) - TimeSpan.FromTicks(1));
            var again = Get();
            Assert.True(again.IsCompletedSuccessfully);
            Assert.Equal(value, await again);
            Assert.Equal(count, _queries.Count);

            _clock.Advance(TimeSpan.FromTicks(1));
        }

        _ = Get();
        Assert.Equal(3, _queries.Count);
    }

    [Fact]
    public async Task The_age_of_a_result_counts_from_the_start_of_its_query()
    {
        var lookup = Get();
        _clock.Advance(TimeSpan.FromSeconds(3));
        _queries[0].SetResult("old");
        await lookup;

        _clock.Advance(TimeSpan.FromSeconds(1));
        _ = Get();

        Assert.Equal(2, _queries.Count);
    }

    [Fact]
    public async Task Concurrent_lookups_of_a_key_share_one_query()
    {
        var waiting = Enumerable.Range(0, 100).Select(_ => Get()).ToList();
        var other = Get("another");
        Assert.Equal(2, _queries.Count);

        _queries[0].SetResult("one");
        _queries[1].SetResult("two");

        Assert.All(await Task.WhenAll(waiting), value => Assert.Equal("one", value));
        Assert.Equal("two", await other);
    }

    [Fact]
    public async Task Concurrent_lookups_of_an_expired_result_share_one_query()
    {
        var first = Get();
        _queries[0].SetResult("old");
        await first;
        _clock.Advance(TimeSpan.FromSeconds(5));

        var queries = 0;
        var result = new TaskCompletionSource<string?>();
        _database = _ =>
        {
            Interlocked.Increment(ref queries);
            return result.Task;
        };
        using var start = new Barrier(16);
        var waiting = Enumerable.Range(0, 16).Select(_ => Task.Factory.StartNew(() =>
        {
            start.SignalAndWait();
            return Get();
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()).ToList();
        await Task.Delay(100, TestContext.Current.CancellationToken);
        result.SetResult("new");

        Assert.All(await Task.WhenAll(waiting), one => Assert.Equal("new", one));
        Assert.Equal(1, queries);
    }

    [Fact]
    public async Task A_query_from_before_an_invalidation_is_not_cached_after_it()
    {
        var before = Get();
        _cache.Invalidate("key");
        var after = Get();
        Assert.Equal(2, _queries.Count);

        // The older query finishes last, and the newer result stays cached.
        _queries[1].SetResult("changed");
        Assert.Equal("changed", await after);
        _queries[0].SetResult("as it was");
        Assert.Equal("as it was", await before);

        Assert.Equal("changed", await Get());
        Assert.Equal(2, _queries.Count);
    }

    [Fact]
    public async Task A_renewal_from_before_an_invalidation_is_not_cached_after_it()
    {
        var first = Get();
        _queries[0].SetResult("old");
        await first;
        _clock.Advance(TimeSpan.FromSeconds(5));
        var before = Get();

        _cache.Invalidate("key");
        _queries[1].SetResult("as it was");
        await before;

        var after = Get();
        Assert.Equal(3, _queries.Count);
        _queries[2].SetResult("changed");
        Assert.Equal("changed", await after);
    }

    [Fact]
    public async Task A_failure_reaches_all_waiting_lookups_and_none_after_them()
    {
        var waiting = new[] { Get(), Get() };
        _queries[0].SetException(new TimeoutException());
        foreach (var one in waiting) await Assert.ThrowsAsync<TimeoutException>(() => one);

        var next = Get();
        _queries[1].SetResult("here");

        Assert.Equal("here", await next);
    }

    [Fact]
    public async Task A_failed_renewal_throws_and_does_not_return_the_expired_result()
    {
        var first = Get();
        _queries[0].SetResult("old");
        await first;
        _clock.Advance(TimeSpan.FromSeconds(4));

        var next = Get();
        _queries[1].SetException(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => next);
    }

    [Fact]
    public async Task A_cancelled_lookup_does_not_affect_the_others()
    {
        using var caller = new CancellationTokenSource();
        var cancellation = _cache.Get("key", caller.Token).AsTask();
        var other = Get();

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancellation);
        _queries[0].SetResult("here");

        Assert.Equal("here", await other);
        Assert.Single(_queries);
    }

    [Fact]
    public async Task It_holds_10000_results_at_most()
    {
        _database = key => Task.FromResult<string?>(key);
        for (var n = 0; n < 10_000; n++) await Get($"{n}");
        var queries = 0;
        _database = _ =>
        {
            queries++;
            return Task.FromResult<string?>("again");
        };
        Assert.Equal("0", await Get("0"));
        Assert.Equal(0, queries);

        await Get("one more");

        Assert.Equal("again", await Get("0"));
        Assert.Equal(2, queries);
    }

    private Task<string?> Get(string key = "key") => _cache.Get(key, TestContext.Current.CancellationToken).AsTask();

    private Task<string?> Query()
    {
        var query = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _queries.Add(query);
        return query.Task;
    }
}
