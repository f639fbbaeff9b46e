using System.Collections.Concurrent;
using Orion.Application.Requests;
using Orion.Domain.Users;

namespace Orion.Application.Idempotency;

/// <summary>
/// The requests with a key that this process is running. A repeat waits for its first one here, where it holds neither a
/// connection nor a turn to write; that of another process waits in the database (<see cref="IKeptAnswers.Claim"/>).
/// </summary>
internal sealed class RunningRequests(TimeProvider clock)
{
    /// <summary>How long a repeat waits for the first request to end.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Name, Running> _running = new();

    /// <summary>Waits until no other request with the same key runs.</summary>
    /// <returns>To be disposed of when the request is over; null where the other one outlasted <see cref="Patience"/>.</returns>
    internal async Task<IDisposable?> Enter(IdempotencyKey key, Caller caller, CancellationToken cancellationToken)
    {
        var name = new Name(caller.Id, key.Method, key.Path, key.Key);
        var mine = new Running(this, name);
        var start = clock.GetTimestamp();
        while (_running.GetOrAdd(name, mine) is var first && first != mine)
        {
            var left = Patience - clock.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return null;
            await first.Over.WaitAsync(left, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return mine;
    }

    private sealed record Name(UserId OwnerId, string Method, string Path, string Key);

    private sealed class Running(RunningRequests all, Name name) : IDisposable
    {
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Over => _over.Task;

        public void Dispose()
        {
            all._running.TryRemove(name, out _);
            _over.SetResult();
        }
    }
}
