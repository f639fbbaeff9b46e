using Orion.Application.Concurrency;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>The order of a list of sessions.</summary>
public enum SessionSort
{
    /// <summary><see cref="Session.UpdatedAt"/>.</summary>
    UpdatedAt,

    /// <summary><see cref="Session.CreatedAt"/>.</summary>
    CreatedAt,
}

/// <summary>The direction of a list.</summary>
public enum SortOrder
{
    /// <summary>Newest first.</summary>
    Descending,

    /// <summary>Oldest first.</summary>
    Ascending,
}

/// <summary>The sessions that a list contains.</summary>
public enum ArchivedFilter
{
    /// <summary>Those that are not archived.</summary>
    Exclude,

    /// <summary>Only those that are archived.</summary>
    Only,

    /// <summary>All.</summary>
    Any,
}

/// <summary>A list of sessions: its order and its filter. Two pages with equal values are pages of one list.</summary>
/// <param name="Sort">The property it is ordered by. The id breaks ties, in the same direction.</param>
/// <param name="Order">The direction.</param>
/// <param name="Archived">The sessions that it contains.</param>
/// <param name="From">The earliest creation time; null for no bound.</param>
/// <param name="To">The latest creation time; null for no bound.</param>
public sealed record SessionList(SessionSort Sort, SortOrder Order, ArchivedFilter Archived, DateTimeOffset? From, DateTimeOffset? To)
{
    /// <summary>The position of a session in the list.</summary>
    public SessionPosition PositionOf(Session session) => new(Sort == SessionSort.UpdatedAt ? session.UpdatedAt : session.CreatedAt, session.Id);
}

/// <summary>A position in a list of sessions: the value that the list is ordered by, and the id that breaks ties.</summary>
public readonly record struct SessionPosition(DateTimeOffset At, SessionId Id);

/// <summary>The messages of a session, by sequence.</summary>
public sealed record MessageList(SessionId Session, SortOrder Order);

/// <summary>The part of a list to read.</summary>
/// <param name="Limit">The largest number of items. The page ends earlier at <paramref name="MaxBytes"/>, but has at least one item.</param>
/// <param name="After">The position after which it begins; null for the beginning.</param>
/// <param name="Memory">Reserves the memory for a large page; null for no reservation.</param>
/// <param name="MaxBytes">The largest size of the items in a response, in bytes.</param>
public sealed record PageRequest<TPosition>(
    int Limit, TPosition? After, ByteReservation? Memory = null, int MaxBytes = ResponseSize.MaxItemBytes)
    where TPosition : struct;

/// <summary>Why a page ends.</summary>
public enum PageEnd
{
    /// <summary>The list ends there.</summary>
    Complete,

    /// <summary>The page has the requested number of items, and there are more.</summary>
    Limit,

    /// <summary>One more item would make the response too large.</summary>
    Size,
}

/// <summary>Part of a list.</summary>
/// <param name="Items">The items, in the order of the list.</param>
/// <param name="End">Why it ends.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, PageEnd End);
