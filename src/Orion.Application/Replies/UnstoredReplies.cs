using Orion.Application.Concurrency;

namespace Orion.Application.Replies;

/// <summary>
/// The running replies of this process that are not stored: those of the Phase 1 route. They count towards <see cref="ReplyLimits.PerUser"/>.
/// </summary>
public sealed class UnstoredReplies : UserSlots;
