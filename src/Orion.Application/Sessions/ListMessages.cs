using FluentValidation;
using MediatR;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>Reads one page of a session's messages.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="List">The session and the direction.</param>
/// <param name="Limit">The largest number of messages; null for as many as fit into a response.</param>
/// <param name="Cursor">The cursor of the previous page; null for the first page.</param>
/// <param name="NamedUser">The user as the client named it; null if it named none.</param>
/// <param name="Memory">Reserves the memory for a large page.</param>
/// <param name="MaxBytes">The largest size of the items in a response, in bytes. A page has at least one item.</param>
public sealed record ListMessages(Caller Caller, MessageList List, int? Limit, string? Cursor, Result<string>? NamedUser = null, ByteReservation? Memory = null,
    int MaxBytes = ResponseSize.MaxItemBytes)
    : IQuery<MessagePage>, IUserNamingRequest
{
    /// <summary>The largest page.</summary>
    public const int MaxLimit = 1000;
}

/// <summary>One page of messages.</summary>
/// <param name="Messages">The items, in the order of the list.</param>
/// <param name="End">Why the page ends.</param>
/// <param name="NextCursor">The cursor of the next page; null for the last page.</param>
public sealed record MessagePage(IReadOnlyList<MessageView> Messages, PageEnd End, string? NextCursor);

internal sealed class ListMessagesRules : AbstractValidator<ListMessages>
{
    public ListMessagesRules() =>
        RuleFor(query => query.Limit).InclusiveBetween(1, ListMessages.MaxLimit).WithMessage($"The limit must be from 1 to {ListMessages.MaxLimit}.");
}

internal sealed class ListMessagesHandler(ISessions sessions) : IRequestHandler<ListMessages, Result<MessagePage>>
{
    public async Task<Result<MessagePage>> Handle(ListMessages query, CancellationToken cancellationToken)
    {
        int? after = null;
        if (query.Cursor is not null)
        {
            after = ListCursor.Read(query.Cursor, query.List);
            if (after is null) return RequestErrors.InvalidCursor;
        }

        var page = await sessions.ListMessages(query.List, new(query.Limit ?? int.MaxValue, after, query.Memory, query.MaxBytes), query.Caller, cancellationToken);
        if (page is null) return SessionErrors.NotFound;

        var views = new MessageView[page.Items.Count];
        for (var i = 0; i < views.Length; i++) views[i] = MessageView.From(page.Items[i]);

        var next = page.End == PageEnd.Complete ? null : ListCursor.Write(query.List, page.Items[^1].Sequence);
        return new MessagePage(views, page.End, next);
    }
}
