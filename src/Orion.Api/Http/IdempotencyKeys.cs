using System.Security.Cryptography;
using System.Text;
using Orion.Api.Errors;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;

namespace Orion.Api.Http;

/// <summary>Reads <c>Idempotency-Key</c> (draft-ietf-httpapi-idempotency-key-header), quoted or plain.</summary>
internal static class IdempotencyKeys
{
    internal const string HeaderName = "Idempotency-Key";
    internal const string ReplayedHeaderName = "Idempotency-Replayed";

    /// <summary>Reads the body and the key, and creates a command from both.</summary>
    /// <param name="http">The request.</param>
    /// <param name="path">The route's path, with ids in lower case.</param>
    /// <param name="read">Creates the command from the members of the body and the key, which is null if the request has none.</param>
    internal static async Task<(TRequest? Request, Problem? Problem)> Read<TBody, TRequest>(
        HttpContext http, string path, Func<JsonObjectReader, IdempotencyKey?, TRequest> read)
        where TBody : IRequestBody
        where TRequest : class
    {
        var header = http.Request.Headers[HeaderName];
        var text = header is [{ } value] ? Parse(value) : null;
        var (request, problem) = await RequestBodies.Read<TBody, TRequest>(
            http,
            (members, bytes) => read(members, text is null ? null : new IdempotencyKey(text, http.Request.Method, path, SHA256.HashData(bytes.Span))));
        return problem is null && text is null && header.Count > 0 ? (null, Malformed) : (request, problem);
    }

    private static Problem Malformed { get; } = Problems.From(RequestErrors.Invalid(new Dictionary<string, string[]>
    {
        [HeaderName] = [$"It must be given once, with 1 to {IdempotencyKey.MaxLength} visible ASCII characters, in quotes or plain."],
    }));

    private static string? Parse(string text)
    {
        var key = text is ['"', .., '"'] ? Unquote(text.AsSpan(1, text.Length - 2)) : text;
        return key is { Length: >= 1 and <= IdempotencyKey.MaxLength } && !key.AsSpan().ContainsAnyExceptInRange('!', '~') ? key : null;
    }

    // RFC 9651, section 3.3.3: a backslash only escapes a quote or a backslash.
    private static string? Unquote(ReadOnlySpan<char> text)
    {
        var key = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') return null;
            if (text[i] == '\\' && (++i == text.Length || text[i] is not ('"' or '\\'))) return null;
            key.Append(text[i]);
        }

        return key.ToString();
    }
}
