using FluentValidation;
using MediatR;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Application.Sessions;

/// <summary>Reads one page of the caller's sessions.</summary>
/// <param name="Caller">Their owner.</param>
/// <param name="List">The order and the filter.</param>
/// <param name="Limit">The largest number of sessions, from 1 to <see cref="MaxLimit"/>.</param>
/// <param name="Cursor">The cursor of the previous page; null for the first page.</param>
/// <param name="NamedUser">The user as the client named it; null if it named none.</param>
/// <param name="Memory">Reserves the memory for a large page.</param>
/// <param name="MaxBytes">The largest size of the items in a response, in bytes. A page has at least one item.</param>
public sealed record ListSessions(Caller Caller, SessionList List, int Limit, string? Cursor, Result<string>? NamedUser = null, ByteReservation? Memory = null,
    int MaxBytes = ResponseSize.MaxItemBytes)
    : IQuery<SessionPage>, IUserNamingRequest
{
    /// <summary>The largest page.</summary>
    public const int MaxLimit = 1000;
}

/// <summary>One page of sessions.</summary>
/// <param name="Sessions">The items, in the order of the list.</param>
/// <param name="End">Why the page ends.</param>
/// <param name="NextCursor">The cursor of the next page; null for the last page.</param>
public sealed record SessionPage(IReadOnlyList<SessionView> Sessions, PageEnd End, string? NextCursor);

internal sealed class ListSessionsRules : AbstractValidator<ListSessions>
{
    // An end date before the start date is valid: the list is empty.
    public ListSessionsRules() =>
        RuleFor(query => query.Limit).InclusiveBetween(1, ListSessions.MaxLimit).WithMessage($"The limit must be from 1 to {ListSessions.MaxLimit}.");
}

internal sealed class ListSessionsHandler(ISessions sessions) : IRequestHandler<ListSessions, Result<SessionPage>>
{
    public async Task<Result<SessionPage>> Handle(ListSessions query, CancellationToken cancellationToken)
    {
        SessionPosition? after = null;
        if (query.Cursor is not null)
        {
            after = ListCursor.Read(query.Cursor, query.List);
            if (after is null) return RequestErrors.InvalidCursor;
        }

        var page = await sessions.List(query.List, new(query.Limit, after, query.Memory, query.MaxBytes), query.Caller, cancellationToken);
        var views = new SessionView[page.Items.Count];
        for (var i = 0; i < views.Length; i++) views[i] = SessionView.From(page.Items[i], query.Caller);

        var next = page.End == PageEnd.Complete ? null : ListCursor.Write(query.List, query.List.PositionOf(page.Items[^1]));
        return new SessionPage(views, page.End, next);
    }
}
