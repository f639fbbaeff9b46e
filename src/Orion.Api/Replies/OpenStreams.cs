using Orion.Application.Concurrency;

namespace Orion.Api.Replies;

/// <summary>The open streams of replies in this process, for each user.</summary>
internal sealed class OpenStreams : UserSlots
{
    /// <summary>The number of streams that a user can have open.</summary>
    internal const int MaxPerUser = 20;
}
