using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.Http;
using Orion.Api.OpenApi;
using Orion.Api.Sessions;
using Orion.Application.Messaging;
using Orion.Application.Search;
using Orion.Domain.Sessions;

namespace Orion.Api.Search;

/// <summary>The route of the search.</summary>
internal static class SearchEndpoint
{
    private const string Path = "/api/search";
    private const int DefaultLimit = 20;

    private static readonly QueryParameter Query = new(
        "q",
        $"At most {SearchMessages.MaxWords} words. The last one may be the beginning of a word. Words in quotation marks must follow each other.")
    {
        Required = true,
        MaxLength = SearchMessages.MaxQueryLength,
    };

    internal static void MapSearch(this IEndpointRouteBuilder routes) =>
        routes.MapRead(Path, Search)
            .WithName("search")
            .WithTags("Search")
            .WithSummary("Search messages and titles")
            .WithDescription(
                "Finds the caller's messages, and the titles of sessions, that contain all words of `q`, newest first: by the message's `timestamp`, "
                + "for a title by the session's `createdAt`. Case and accents do not count. Words with punctuation in them, such as `Task.Delay`, are "
                + "found as they are written and by their parts; text without blanks between words, such as Chinese, by any of its parts. "
                + "A title that Orion derived from a message is found as that message. "
                + $"A page examines at most {SearchMessages.MaxCandidates:N0} texts, so it can have fewer results than `limit`, or none, and a `nextCursor`.")
            .WithMetadata(
                Query,
                ListParameters.Limit(SearchMessages.MaxLimit, DefaultLimit),
                ListParameters.Cursor,
                ListParameters.ArchivedSessions,
                new QueryParameter("sessionId", "Search only this session.") { Format = "uuid" })
            .Produces<SearchResponse>()
            .ProducesProblems(400, 404);

    private static async Task<IResult> Search(HttpContext http, IDispatcher dispatcher)
    {
        var query = new QueryReader(http.Request.Query);
        var list = new SearchList(query.Required("q") ?? "", query.Archived(), Session(query.Text("sessionId")));
        var request = new SearchMessages(http.Caller(), list, query.Number("limit", SearchMessages.MaxLimit, DefaultLimit), query.Text("cursor"), http.Memory());
        if (query.ProblemOrUnknown is { } problem) return new ProblemResult(Problems.From(problem));

        return (await dispatcher.Send(request, http.RequestAborted)).Then(page => new JsonResult<SearchResponse>(
            new(page.Results, page.Results.Count, page.NextCursor, page.IsIndexing ? true : null), OrionJson.Responses.SearchResponse));
    }

    private static SessionId? Session(string? text) => text is null ? null : SessionId.Parse(text) ?? SessionId.Unassigned;
}

/// <summary>A page of results.</summary>
/// <param name="Results">The results, newest first.</param>
/// <param name="Count">The number of results in this page.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page. Absent on the last page.</param>
/// <param name="Indexing">True while older messages are still being indexed and may be missing.</param>
internal sealed record SearchResponse(IReadOnlyList<SearchResultView> Results, int Count, string? NextCursor, bool? Indexing);
