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

    /// <summary>Reads a body, and the key that makes a request with it a repeat of another.</summary>
    /// <param name="http">The request.</param>
    /// <param name="path">The route's path, in the one spelling that repeats share.</param>
    internal static async Task<(TBody? Body, IdempotencyKey? Key, Problem? Problem)> Read<TBody>(HttpContext http, string path)
        where TBody : class, IRequestBody<TBody>
    {
        var header = http.Request.Headers[HeaderName];
        if (header.Count == 0)
        {
            var (plain, wrong) = await RequestBodies.Read<TBody>(http);
            return (plain, null, wrong);
        }

        byte[]? hash = null;
        var (body, problem) = await RequestBodies.Read<TBody>(http, bytes => hash = SHA256.HashData(bytes.Span));
        if (problem is not null) return (null, null, problem);
        return header is [{ } text] && Parse(text) is { } key
            ? (body, new IdempotencyKey(key, http.Request.Method, path, hash!), null)
            : (null, null, Malformed);
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

    // RFC 9651, section 3.3.3: a backslash stands before a quote or a backslash alone.
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
