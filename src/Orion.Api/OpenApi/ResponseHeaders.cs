using Microsoft.OpenApi;
using Orion.Api.Http;

namespace Orion.Api.OpenApi;

/// <summary>The headers of answers, in words.</summary>
internal static class ResponseHeaders
{
    internal static IOpenApiHeader Describe(string name) => new OpenApiHeader
    {
        Description = name switch
        {
            "ETag" => "The session's version, in quotes.",
            IdempotencyKeys.ReplayedHeaderName => "true where this is the answer to an earlier request with the same Idempotency-Key.",
            "Location" => "The path of what was made.",
            "Retry-After" => "When to try again, in seconds.",
            "RateLimit" => "What is left of the budget, and when the next one begins, as in `\"default\";r=99;t=900`.",
            "RateLimit-Policy" => "The budget and its window in seconds, as in `\"default\";q=100;w=900`.",
            "WWW-Authenticate" => "Bearer, and error=\"invalid_token\" where a token came with the request.",
            _ => null,
        },
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
