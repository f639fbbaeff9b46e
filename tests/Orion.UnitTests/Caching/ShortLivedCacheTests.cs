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

    private readonly List<TaskCompletionSource<string?>> _questions = [];
    private readonly ShortLivedCache<string, string?> _memory;
    private Func<string, Task<string?>> _database;

    public ShortLivedCacheTests()
    {
        _database = _ => Ask();
        _memory = new((_, key) => _database(key), _services.GetRequiredService<IServiceScopeFactory>(), _clock);
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task An_answer_is_remembered_for_4_seconds_null_included()
    {
        foreach (var answer in (string?[])["here", null])
        {
            var asked = Recall();
            _questions[^1].SetResult(answer);
            Assert.Equal(answer, await asked);
            var count = _questions.Count;

            _clock.Advance(TimeSpan.FromSeconds(4) - TimeSpan.FromTicks(1));
            var again = Recall();
            Assert.True(again.IsCompletedSuccessfully);
            Assert.Equal(answer, await again);
            Assert.Equal(count, _questions.Count);

            _clock.Advance(TimeSpan.FromTicks(1));
        }

        _ = Recall();
        Assert.Equal(3, _questions.Count);
    }

    [Fact]
    public async Task The_age_of_an_answer_counts_from_when_it_was_asked_for()
    {
        var asked = Recall();
        _clock.Advance(TimeSpan.FromSeconds(3));
        _questions[0].SetResult("old");
        await asked;

        _clock.Advance(TimeSpan.FromSeconds(1));
        _ = Recall();

        Assert.Equal(2, _questions.Count);
    }

    [Fact]
    public async Task Whoever_comes_first_asks_for_all_and_each_key_for_itself()
    {
        var waiting = Enumerable.Range(0, 100).Select(_ => Recall()).ToList();
        var other = Recall("another");
        Assert.Equal(2, _questions.Count);

        _questions[0].SetResult("one");
        _questions[1].SetResult("two");

        Assert.All(await Task.WhenAll(waiting), answer => Assert.Equal("one", answer));
        Assert.Equal("two", await other);
    }

    [Fact]
    public async Task Of_a_hundred_threads_that_find_an_old_answer_one_asks()
    {
        var first = Recall();
        _questions[0].SetResult("old");
        await first;
        _clock.Advance(TimeSpan.FromSeconds(5));

        var asked = 0;
        var answer = new TaskCompletionSource<string?>();
        _database = _ =>
        {
            Interlocked.Increment(ref asked);
            return answer.Task;
        };
        using var start = new Barrier(16);
        var waiting = Enumerable.Range(0, 16).Select(_ => Task.Factory.StartNew(() =>
        {
            start.SignalAndWait();
            return Recall();
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()).ToList();
        await Task.WhenAll(Task.Delay(100, TestContext.Current.CancellationToken));
        answer.SetResult("new");

        Assert.All(await Task.WhenAll(waiting), one => Assert.Equal("new", one));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task What_was_asked_before_a_change_is_not_remembered_after_it()
    {
        var before = Recall();
        _memory.Forget("key");
        var after = Recall();
        Assert.Equal(2, _questions.Count);

        // The late answer comes last, and still it is the other one that stays.
        _questions[1].SetResult("changed");
        Assert.Equal("changed", await after);
        _questions[0].SetResult("as it was");
        Assert.Equal("as it was", await before);

        Assert.Equal("changed", await Recall());
        Assert.Equal(2, _questions.Count);
    }

    [Fact]
    public async Task What_was_asked_before_a_change_in_place_of_an_old_answer_is_not_remembered_either()
    {
        var first = Recall();
        _questions[0].SetResult("old");
        await first;
        _clock.Advance(TimeSpan.FromSeconds(5));
        var before = Recall();

        _memory.Forget("key");
        _questions[1].SetResult("as it was");
        await before;

        var after = Recall();
        Assert.Equal(3, _questions.Count);
        _questions[2].SetResult("changed");
        Assert.Equal("changed", await after);
    }

    [Fact]
    public async Task A_failure_is_everybodys_who_waits_and_nobodys_after_it()
    {
        var waiting = new[] { Recall(), Recall() };
        _questions[0].SetException(new TimeoutException());
        foreach (var one in waiting) await Assert.ThrowsAsync<TimeoutException>(() => one);

        var next = Recall();
        _questions[1].SetResult("here");

        Assert.Equal("here", await next);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_renewed_is_the_failure_and_not_the_old_one()
    {
        var first = Recall();
        _questions[0].SetResult("old");
        await first;
        _clock.Advance(TimeSpan.FromSeconds(4));

        var next = Recall();
        _questions[1].SetException(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => next);
    }

    [Fact]
    public async Task Somebody_who_goes_takes_the_answer_from_nobody_else()
    {
        using var caller = new CancellationTokenSource();
        var gone = _memory.Recall("key", caller.Token).AsTask();
        var other = Recall();

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        _questions[0].SetResult("here");

        Assert.Equal("here", await other);
        Assert.Single(_questions);
    }

    [Fact]
    public async Task It_holds_10000_answers_at_the_most()
    {
        _database = key => Task.FromResult<string?>(key);
        for (var n = 0; n < 10_000; n++) await Recall($"{n}");
        var asked = 0;
        _database = _ =>
        {
            asked++;
            return Task.FromResult<string?>("again");
        };
        Assert.Equal("0", await Recall("0"));
        Assert.Equal(0, asked);

        await Recall("one more");

        Assert.Equal("again", await Recall("0"));
        Assert.Equal(2, asked);
    }

    private Task<string?> Recall(string key = "key") => _memory.Recall(key, TestContext.Current.CancellationToken).AsTask();

    private Task<string?> Ask()
    {
        var question = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _questions.Add(question);
        return question.Task;
    }
}
