using Orion.Domain.Replies;

namespace Orion.Application.Replies;

/// <summary>Counts the replies of this process that ended.</summary>
public interface IReplyCounter
{
    /// <summary>A reply that is not stored has ended.</summary>
    /// <param name="status">How.</param>
    /// <param name="failure">How the model failed; null if it did not.</param>
    void Ended(ReplyStatus status, ModelFailure? failure = null);
}
