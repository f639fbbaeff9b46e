using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace Orion.Api.Cors;

/// <summary>
/// The request headers that a page may send: all that its preflight lists. Its origin is already allowed, and tracing libraries and SDKs
/// add headers of their own. A malformed or oversized list is replaced by the default.
/// </summary>
internal static class PreflightHeaders
{
    private const int MaxNames = 64;
    private const int MaxCharacters = 2048;

    private const string Default =
        "Content-Type, Authorization, X-Requested-With, X-Request-Id, Idempotency-Key, If-Match, Last-Event-ID";

    // RFC 9110, section 5.6.2.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The value of <c>Access-Control-Allow-Headers</c>.</summary>
    /// <param name="requested">The lines of <c>Access-Control-Request-Headers</c>.</param>
    internal static string Allowed(StringValues requested)
    {
        var names = new List<string>();
        var characters = 0;
        foreach (var line in requested)
        {
            foreach (var part in line.AsSpan().Split(','))
            {
                var name = line.AsSpan()[part].Trim(" \t");
                if (name.IsEmpty) continue;
                characters += name.Length;
                if (names.Count == MaxNames || characters > MaxCharacters || name.ContainsAnyExcept(TokenCharacters)) return Default;
                names.Add(name.ToString());
            }
        }

        return names.Count == 0 ? Default : string.Join(", ", names);
    }
}
