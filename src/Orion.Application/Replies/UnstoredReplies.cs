using Orion.Application.Concurrency;
using Orion.Domain.Users;

namespace Orion.Application.Replies;

/// <summary>
/// The running replies of this process that are not stored: those of the Phase 1 route. They count towards <see cref="ReplyLimits.PerUser"/>.
/// </summary>
public sealed class UnstoredReplies : UserSlots;

/// <summary>The slot of one of <see cref="UnstoredReplies"/>. Its owner must dispose it when the reply has ended, or never began.</summary>
public sealed class UnstoredReplySlot : IDisposable
{
    private readonly Lock _gate = new();
    private IDisposable? _taken;
    private bool _isDisposed;

    // The dispatcher can run a command twice, and can abandon it. An abandoned one goes on after its request has ended, and nothing would
    // free what it takes then.
    internal bool TryTake(UnstoredReplies replies, UserId user, int limit)
    {
        lock (_gate)
        {
            if (!_isDisposed) _taken ??= replies.TryTake(user, limit);
            return _taken is not null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _taken?.Dispose();
            _taken = null;
        }
    }
}
