using System.Collections.Concurrent;
using System.Threading.Channels;
using Orion.Application.Replies;
using Orion.Domain.Replies;

namespace Orion.Infrastructure.Replies;

/// <summary>The replies that this process streams.</summary>
internal sealed class RunningReplies(TimeProvider clock)
{
    private readonly ConcurrentDictionary<ReplyKey, RunningReply> _replies = new();
    private readonly Channel<bool> _work = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>This process.</summary>
    internal InstanceId Instance { get; } = InstanceId.New(clock.GetUtcNow());

    /// <summary>Whether no reply is running.</summary>
    internal bool IsEmpty => _replies.IsEmpty;

    /// <summary>The number of replies.</summary>
    internal int Count => _replies.Count;

    /// <summary>All of them.</summary>
    internal IReadOnlyList<RunningReply> All() => [.. _replies.Select(entry => entry.Value)];

    /// <summary>A reply; null if it does not run in this process.</summary>
    internal RunningReply? Find(ReplyKey key) => _replies.GetValueOrDefault(key);

    /// <summary>Adds a reply.</summary>
    /// <returns>False if it runs already.</returns>
    internal bool TryAdd(RunningReply reply)
    {
        var isNew = _replies.TryAdd(reply.Key, reply);
        SignalWork();
        return isNew;
    }

    /// <summary>Removes a reply that has ended.</summary>
    internal void Remove(RunningReply reply) => _replies.TryRemove(reply.Key, out _);

    /// <summary>Wakes up the frame writer.</summary>
    internal void SignalWork() => _work.Writer.TryWrite(true);

    /// <summary>Waits for <see cref="SignalWork"/>.</summary>
    internal async Task WaitForWork(CancellationToken cancellationToken) => await _work.Reader.ReadAsync(cancellationToken);
}
