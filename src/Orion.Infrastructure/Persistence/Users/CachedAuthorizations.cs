using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Users;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Users;

/// <summary>
/// The entries of the allow-list that were asked for in the last seconds. Entries are asked for with genuine tokens alone, so
/// that nobody outside can fill it; it is bounded all the same.
/// </summary>
internal sealed class CachedAuthorizations(IServiceScopeFactory scopes, TimeProvider clock) : IAuthorizations
{
    // The contract gives 5 s; the rest is for the query and for a request that is under way.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(4);
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<EmailAddress, Answer> _answers = new();

    public ValueTask<AuthorizedUser?> Find(EmailAddress email, CancellationToken cancellationToken)
    {
        if (_answers.TryGetValue(email, out var answer) && IsFresh(answer))
        {
            return answer.User.IsCompletedSuccessfully
                ? new ValueTask<AuthorizedUser?>(answer.User.Result)
                : new ValueTask<AuthorizedUser?>(answer.User.WaitAsync(cancellationToken));
        }

        return new ValueTask<AuthorizedUser?>(Ask(email, answer).WaitAsync(cancellationToken));
    }

    /// <summary>Forgets what was known of an address, because this instance has just changed it.</summary>
    internal void Forget(EmailAddress email) => _answers.TryRemove(email, out _);

    private bool IsFresh(Answer answer) => clock.GetElapsedTime(answer.AskedAt) < Lifetime && !answer.User.IsFaulted && !answer.User.IsCanceled;

    private Task<AuthorizedUser?> Ask(EmailAddress email, Answer? stale)
    {
        if (_answers.Count >= Capacity) _answers.Clear();

        // Whoever comes first asks, for all who wait. The age counts from before the query.
        var asked = new TaskCompletionSource<AuthorizedUser?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var mine = new Answer(asked.Task, clock.GetTimestamp());
        var won = stale is null ? _answers.TryAdd(email, mine) : _answers.TryUpdate(email, mine, stale);
        if (!won && _answers.TryGetValue(email, out var other) && IsFresh(other)) return other.User;

        _ = Load(email, asked);
        return asked.Task;
    }

    private async Task Load(EmailAddress email, TaskCompletionSource<AuthorizedUser?> asked)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<OrionDbContext>();
            asked.SetResult(await context.AuthorizedUsers.AsNoTracking().SingleOrDefaultAsync(user => user.Email == email));
        }
        catch (Exception exception)
        {
            asked.SetException(exception);
            // Those who waited have seen it; nobody else needs to.
            _ = asked.Task.Exception;
        }
    }

    private sealed record Answer(Task<AuthorizedUser?> User, long AskedAt);
}
