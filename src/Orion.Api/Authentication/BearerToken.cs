using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Orion.Infrastructure.Tokens;

namespace Orion.Api.Authentication;

/// <summary>
/// Reads the token of a request (RFC 6750, section 2.1). The stock handler accepts several <c>Authorization</c> headers, treats an empty
/// token as absent, and verifies tokens on anonymous routes too.
/// </summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer";

    internal static Task Read(MessageReceivedContext context)
    {
        var headers = context.Request.Headers.Authorization;
        if (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null || !headers.Any(IsBearer))
            context.NoResult();
        else if (headers.Count == 1 && headers[0]![Scheme.Length..].TrimStart(' ') is { Length: > 0 } token)
            context.Token = token;
        else
            context.Fail(TokenRejectedException.For(TokenRejection.Malformed));
        return Task.CompletedTask;
    }

    private static bool IsBearer(string? header) =>
        header is not null
        && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && (header.Length == Scheme.Length || header[Scheme.Length] == ' ');
}
