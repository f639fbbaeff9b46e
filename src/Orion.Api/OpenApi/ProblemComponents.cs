using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using Orion.Api.Errors;

namespace Orion.Api.OpenApi;

/// <summary>The refusals of all routes: one component for each status, with the codes that it may bear.</summary>
internal static class ProblemComponents
{
    /// <summary>A reference to a status's refusal, which is added where it is not there yet.</summary>
    internal static async Task<IOpenApiResponse> Reference(
        int status, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var document = context.Document!;
        var name = ReasonPhrases.GetReasonPhrase(status).Replace(" ", "", StringComparison.Ordinal);
        if (document.Components?.Responses?.ContainsKey(name) != true)
        {
            var problem = await SchemaComponents.Reference(typeof(ProblemBody), context, cancellationToken);
            IOpenApiResponse refusal = new OpenApiResponse
            {
                Description = Codes(status),
                Headers = Headers(status).ToDictionary(header => header, ResponseHeaders.Describe),
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/problem+json"] = new() { Schema = problem },
                },
            };
            document.AddComponent(name, refusal);
        }

        return new OpenApiResponseReference(name, document);
    }

    private static string[] Headers(int status) => status switch
    {
        401 => ["WWW-Authenticate"],
        429 => ["Retry-After", "RateLimit", "RateLimit-Policy"],
        503 => ["Retry-After"],
        _ => [],
    };

    private static string Codes(int status) => status switch
    {
        400 => "`validation_failed`, `unknown_member`, `malformed_json` or `invalid_cursor`.",
        401 => "`missing_token` or `invalid_token`.",
        403 => "`not_authorized`, `insufficient_scope` (the token does not reach this route), `origin_not_allowed`, `https_required`, "
            + "or `user_mismatch` where a route takes a `userId`.",
        404 => "`session_not_found` or `message_not_found`: there is none, or it is somebody else's.",
        408 => "`request_timeout`: the body came too slowly.",
        409 => "`session_archived` or `conflict`.",
        412 => "`precondition_failed`: the session is not in a version that `If-Match` names.",
        413 => "`payload_too_large`: a body has at most 2 MiB.",
        415 => "`unsupported_media_type`: a body is `application/json` in UTF-8, without a `Content-Encoding`.",
        422 => "`idempotency_mismatch`: the key came before with another body.",
        429 => "`rate_limited`.",
        500 => "`internal_error`: the operator finds it in the log by the `requestId`.",
        503 => "`unavailable`: nothing was changed as far as Orion knows; try again.",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status.ToString(CultureInfo.InvariantCulture)),
    };
}
