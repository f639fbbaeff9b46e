using Orion.Domain.Users;

namespace Orion.Application.Concurrency;

/// <summary>Counts what each user has running in this process, up to a limit.</summary>
public abstract class UserSlots
{
    // Has an entry only for a user who has something running.
    private readonly Dictionary<UserId, int> _taken = [];

    /// <summary>The number of slots that a user has taken.</summary>
    public int Count(UserId user)
    {
        lock (_taken) return _taken.GetValueOrDefault(user);
    }

    /// <summary>Takes a slot.</summary>
    /// <returns>Frees the slot when it is disposed; null if the user has taken <paramref name="limit"/> slots or more.</returns>
    public IDisposable? TryTake(UserId user, int limit)
    {
        lock (_taken)
        {
            var count = _taken.GetValueOrDefault(user);
            if (count >= limit) return null;
            _taken[user] = count + 1;
        }

        return new Slot(this, user);
    }

    private void Free(UserId user)
    {
        lock (_taken)
        {
            if (--_taken[user] == 0) _taken.Remove(user);
        }
    }

    private sealed class Slot(UserSlots slots, UserId user) : IDisposable
    {
        private UserSlots? _slots = slots;

        public void Dispose() => Interlocked.Exchange(ref _slots, null)?.Free(user);
    }
}
