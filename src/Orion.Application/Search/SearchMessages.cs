using FluentValidation;
using MediatR;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Application.Search;

/// <summary>Finds the caller's messages and session titles that contain all words of a query, newest first.</summary>
/// <param name="Caller">Their owner.</param>
/// <param name="List">The query and the filter.</param>
/// <param name="Limit">The largest number of results, from 1 to <see cref="MaxLimit"/>.</param>
/// <param name="Cursor">The cursor of the previous page; null for the first page.</param>
/// <param name="Memory">Reserves the memory for the texts that are examined; null for no reservation.</param>
public sealed record SearchMessages(Caller Caller, SearchList List, int Limit, string? Cursor, ByteReservation? Memory = null) : IQuery<SearchPage>
{
    /// <summary>The largest page.</summary>
    public const int MaxLimit = 100;

    /// <summary>The longest query, in code points.</summary>
    public const int MaxQueryLength = 200;

    /// <summary>The largest number of words in a query.</summary>
    public const int MaxWords = 16;

    /// <summary>The largest number of texts that one page examines.</summary>
    public const int MaxCandidates = 5_000;

    /// <summary>A page ends after the text with which it has examined so many UTF-16 code units.</summary>
    public const int MaxExaminedLength = 8_000_000;
}

/// <summary>One page of results.</summary>
/// <param name="Results">The results, newest first.</param>
/// <param name="NextCursor">The cursor of the next page; null for the last page.</param>
/// <param name="IsIndexing">Whether older messages are missing, because they are still being indexed.</param>
public sealed record SearchPage(IReadOnlyList<SearchResultView> Results, string? NextCursor, bool IsIndexing);

internal sealed class SearchMessagesRules : AbstractValidator<SearchMessages>
{
    public SearchMessagesRules()
    {
        RuleFor(query => query.Limit).InclusiveBetween(1, SearchMessages.MaxLimit).WithMessage($"The limit must be from 1 to {SearchMessages.MaxLimit}.");
        // In this order: reading a query takes time for each character.
        RuleFor(query => query.List.Query)
            .Cascade(CascadeMode.Stop)
            .Must(text => TextRules.IsStorable(text)).WithMessage(SessionErrors.NotStorable.Message)
            .Must(text => !TextRules.IsBlank(text)).WithMessage("The query must not be blank.")
            .Must(text => TextRules.CountCodePoints(text) <= SearchMessages.MaxQueryLength)
            .WithMessage($"The query must have at most {SearchMessages.MaxQueryLength} characters.")
            .Must(text => SearchQuery.Parse(text).WordCount <= SearchMessages.MaxWords)
            .WithMessage($"The query must have at most {SearchMessages.MaxWords} words.")
            .OverridePropertyName("q");
    }
}

internal sealed class SearchMessagesHandler(ISearchIndex index, ISessions sessions) : IRequestHandler<SearchMessages, Result<SearchPage>>
{
    public async Task<Result<SearchPage>> Handle(SearchMessages request, CancellationToken cancellationToken)
    {
        SearchPosition? after = null;
        if (request.Cursor is not null)
        {
            after = ListCursor.Read(request.Cursor, request.List);
            if (after is null) return RequestErrors.InvalidCursor;
        }

        if (request.List.Session is { } only && await sessions.Find(only, request.Caller, cancellationToken) is null) return SessionErrors.NotFound;

        // Before the results are read: texts that are indexed in between are missing in them.
        var isIndexing = await index.IsIncomplete(request.Caller, cancellationToken);
        var query = SearchQuery.Parse(request.List.Query);
        var results = new List<SearchResultView>();
        if (query.IsEmpty) return new SearchPage(results, NextCursor: null, isIndexing);

        int examined = 0, length = 0;
        var found = index.Find(request.List, query, after, request.Limit + 1, request.Memory, request.Caller, cancellationToken);
        await foreach (var (position, candidate) in found)
        {
            if (results.Count == request.Limit || examined == SearchMessages.MaxCandidates || length >= SearchMessages.MaxExaminedLength)
                return new SearchPage(results, ListCursor.Write(request.List, after!.Value), isIndexing);

            if (candidate is not null && Result(candidate, query) is { } result) results.Add(result);
            after = position;
            examined++;
            length += candidate?.Message?.Content.Value.Length ?? 0;
        }

        return new SearchPage(results, NextCursor: null, isIndexing);
    }

    private static SearchResultView? Result(SearchCandidate candidate, SearchQuery query)
    {
        var text = candidate.Message?.Content.Value ?? OwnTitle(candidate);
        return text is not null && query.FindMatches(text) is { } matches ? SearchResultView.From(candidate, Snippet.Of(text, matches)) : null;
    }

    // A title that was derived from a message is found there.
    private static string? OwnTitle(SearchCandidate candidate) =>
        candidate.NamingMessage is { } naming && SessionTitle.Derive(naming) == candidate.Session.Title ? null : candidate.Session.Title?.Value;
}
