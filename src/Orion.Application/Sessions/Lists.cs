using Orion.Application.Concurrency;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>What a list of sessions is ordered by.</summary>
public enum SessionSort
{
    /// <summary><see cref="Session.UpdatedAt"/>.</summary>
    UpdatedAt,

    /// <summary><see cref="Session.CreatedAt"/>.</summary>
    CreatedAt,
}

/// <summary>Which way a list runs.</summary>
public enum SortOrder
{
    /// <summary>The newest first.</summary>
    Descending,

    /// <summary>The oldest first.</summary>
    Ascending,
}

/// <summary>Which sessions a list shows.</summary>
public enum ArchivedFilter
{
    /// <summary>Those that are not archived.</summary>
    Exclude,

    /// <summary>Archived ones alone.</summary>
    Only,

    /// <summary>All.</summary>
    Any,
}

/// <summary>A list of sessions: its order and its filter. Two pages with equal values are pages of one list.</summary>
/// <param name="Sort">What it is ordered by; ties by id, the same way.</param>
/// <param name="Order">Which way it runs.</param>
/// <param name="Archived">Which sessions it shows.</param>
/// <param name="From">Sessions created then or later; null for no bound.</param>
/// <param name="To">Sessions created then or earlier; null for no bound.</param>
public sealed record SessionList(SessionSort Sort, SortOrder Order, ArchivedFilter Archived, DateTimeOffset? From, DateTimeOffset? To)
{
    /// <summary>Where a session stands in the list.</summary>
    public SessionPosition PositionOf(Session session) => new(Sort == SessionSort.UpdatedAt ? session.UpdatedAt : session.CreatedAt, session.Id);
}

/// <summary>A place in a list of sessions: what the list is ordered by, and the id that breaks ties.</summary>
public readonly record struct SessionPosition(DateTimeOffset At, SessionId Id);

/// <summary>A list of messages: whose, and which way by sequence.</summary>
public sealed record MessageList(SessionId Session, SortOrder Order);

/// <summary>Which part of a list is wanted.</summary>
/// <param name="Limit">How many items at the most; fewer come where they would pass <see cref="ResponseSize.MaxBytes"/>, but never none.</param>
/// <param name="After">The place after which it begins; null for the beginning.</param>
/// <param name="Memory">Covers the rows and the response of a large page; null where the reader's memory is not shared with others.</param>
public sealed record PageRequest<TPosition>(int Limit, TPosition? After, ByteReservation? Memory = null)
    where TPosition : struct;

/// <summary>Why a page ends where it does.</summary>
public enum PageEnd
{
    /// <summary>The list ends there.</summary>
    Complete,

    /// <summary>It holds as many items as were asked for, and there are more.</summary>
    Limit,

    /// <summary>One item more would make the answer too large.</summary>
    Size,
}

/// <summary>Part of a list.</summary>
/// <param name="Items">The items in the list's order.</param>
/// <param name="End">Why it ends there.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, PageEnd End);
