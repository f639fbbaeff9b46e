using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using Orion.Api.Errors;
using Orion.Api.Http;

namespace Orion.Api.OpenApi;

/// <summary>Metadata of a route: a header of its successful response.</summary>
internal sealed record ResponseHeader(string Name, string Description);

/// <summary>Completes the responses of the operations: headers, and problems that are described once.</summary>
internal static class Responses
{
    private const string ProblemMediaType = "application/problem+json";

    private static readonly ResponseHeader RetryAfter = new("Retry-After", "The time to wait before the next attempt, in seconds.");

    /// <summary>The route can respond with problems of these statuses. Like <c>ProducesProblem</c>, with Orion's type of problem.</summary>
    internal static TBuilder ProducesProblems<TBuilder>(this TBuilder route, params int[] statuses)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata([.. statuses.Select(status => new ProducesResponseTypeMetadata(status, typeof(ProblemBody), [ProblemMediaType]))]);

    internal static Task Complete(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var headers = context.Description.ActionDescriptor.EndpointMetadata.OfType<ResponseHeader>().ToList();
        foreach (var (status, response) in operation.Responses!.ToList())
        {
            if (response.Content?.ContainsKey(ProblemMediaType) == true)
                operation.Responses![status] = Share(status, (OpenApiResponse)response, context.Document!);
            else if (status.StartsWith('2')) AddHeaders((OpenApiResponse)response, headers);
        }

        return Task.CompletedTask;
    }

    // All routes share one component for each status.
    private static OpenApiResponseReference Share(string status, OpenApiResponse problem, OpenApiDocument document)
    {
        var name = ReasonPhrases.GetReasonPhrase(int.Parse(status, null)).Replace(" ", "", StringComparison.Ordinal);
        if (document.Components?.Responses?.ContainsKey(name) != true)
        {
            (problem.Description, var headers) = Describe(status);
            AddHeaders(problem, headers);
            document.AddComponent<IOpenApiResponse>(name, problem);
        }

        return new OpenApiResponseReference(name, document);
    }

    private static void AddHeaders(OpenApiResponse response, IReadOnlyList<ResponseHeader> headers)
    {
        if (headers.Count == 0) return;
        response.Headers = headers.ToDictionary(
            header => header.Name,
            header => (IOpenApiHeader)new OpenApiHeader
            {
                Description = header.Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
    }

    private static (string Description, ResponseHeader[] Headers) Describe(string status) => status switch
    {
        "400" => ("`validation_failed`, `unknown_member`, `malformed_json` or `invalid_cursor`.", []),
        "401" => ("`missing_token` or `invalid_token`.",
            [new("WWW-Authenticate", "`Bearer`, with `error=\"invalid_token\"` if the request had a token.")]),
        "403" => ("`not_authorized`, `insufficient_scope` (the token is not valid for this route), `origin_not_allowed`, `https_required`, "
            + "or, on routes with a `userId`, `user_mismatch`.", []),
        "404" => ("`session_not_found`, `message_not_found` or `reply_not_found`: it does not exist, or it belongs to another user.", []),
        "408" => ("`request_timeout`: the body arrived too slowly.", []),
        "409" => ("`session_archived` or `conflict`; for a reply also `reply_in_progress` (with the running `replyId`) or `nothing_to_answer`.", []),
        "412" => ("`precondition_failed`: the current version of the session does not match `If-Match`.", []),
        "413" => ($"`payload_too_large`: the body is larger than {RequestBodies.MaxBytes >> 20} MiB.", []),
        "415" => ("`unsupported_media_type`: the body must be `application/json` in UTF-8, without a `Content-Encoding`.", []),
        "422" => ("`idempotency_mismatch`: the key was already used with a different body.", []),
        "429" => ("`rate_limited`; for a reply or an export also `too_many_replies`, without `Retry-After`: Orion cannot tell when a running reply or an open stream ends.",
            [
                RetryAfter,
                new("RateLimit", "The requests that remain, and the seconds until the next window, for example `\"default\";r=99;t=900`."),
                new("RateLimit-Policy", "The limit, and its window in seconds, for example `\"default\";q=100;w=900`."),
            ]),
        "500" => ("`internal_error`: the log contains the details, with the `requestId`.", []),
        "501" => ("`no_model`: no model is configured.", []),
        "503" => ("`unavailable`: as far as Orion knows, nothing was changed. Try again.", [RetryAfter]),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No problem has this status."),
    };
}
