using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;
using Orion.Api.Errors;

namespace Orion.Api.Json;

/// <summary>What a route takes as its body.</summary>
internal interface IRequestBody<out TSelf>
{
    /// <summary>Whether a member that the route does not know is refused.</summary>
    static abstract bool RefusesUnknownMembers { get; }

    /// <summary>Reads the members; what is wrong with them stays with <paramref name="members"/>.</summary>
    static abstract TSelf Read(JsonMembers members);
}

/// <summary>Reads bodies strictly: what two readers could understand differently is refused (RFC 8259, sections 4 and 8).</summary>
internal static class RequestBodies
{
    /// <summary>The largest body, in bytes. Kestrel refuses a larger one with this number, too.</summary>
    internal const int MaxBytes = 1024 * 1024;

    /// <summary>How deep objects and arrays may be nested.</summary>
    internal const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads the body, or says what is wrong with it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="inspect">Is shown the bytes of a body that is accepted; null where nobody wants to see them.</param>
    internal static async Task<(TBody? Body, Problem? Problem)> Read<TBody>(HttpContext http, Action<ReadOnlyMemory<byte>>? inspect = null)
        where TBody : class, IRequestBody<TBody>
    {
        if (http.Request.ContentLength is > MaxBytes) return (null, Problems.PayloadTooLarge);

        // Where there is no body, its media type is of no interest.
        var hasBody = http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };
        if (!hasBody) return (null, Problems.MissingBody);
        if (!IsJson(http.Request.ContentType)) return (null, Problems.UnsupportedMediaType);

        var (bytes, length) = await ReadAll(http);
        try
        {
            var read = Parse<TBody>(bytes.AsMemory(0, length));
            if (read.Body is not null) inspect?.Invoke(bytes.AsMemory(0, length));
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        }
    }

    private static (TBody? Body, Problem? Problem) Parse<TBody>(ReadOnlyMemory<byte> bytes)
        where TBody : class, IRequestBody<TBody>
    {
        if (bytes.IsEmpty) return (null, Problems.MissingBody);
        if (!Utf8.IsValid(bytes.Span)) return (null, Problems.MalformedJson);
        try
        {
            using var json = JsonDocument.Parse(bytes, Strict);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return (null, Problems.MalformedJson);

            var members = new JsonMembers(json.RootElement);
            var body = TBody.Read(members);
            return members.Problem(TBody.RefusesUnknownMembers) is { } error ? (null, Problems.From(error)) : (body, null);
        }
        catch (JsonException)
        {
            return (null, Problems.MalformedJson);
        }
        catch (InvalidOperationException)
        {
            // What the search for duplicates says of a name with an unpaired surrogate.
            return (null, UnreadableName<TBody>(bytes));
        }
    }

    // Such a name inside a member that the route knows is that member's fault.
    private static Problem UnreadableName<TBody>(ReadOnlyMemory<byte> bytes)
        where TBody : class, IRequestBody<TBody>
    {
        try
        {
            using var json = JsonDocument.Parse(bytes, Strict with { AllowDuplicateProperties = true });
            var members = new JsonMembers(json.RootElement);
            TBody.Read(members);
            return members.Problem(refuseUnknown: false) is { } error ? Problems.From(error) : Problems.MalformedJson;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Problems.MalformedJson;
        }
    }

    // RFC 8259, section 11: no parameters are defined; charset=utf-8 is common and true.
    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private static async Task<(byte[] Bytes, int Length)> ReadAll(HttpContext http)
    {
        while (true)
        {
            var read = await http.Request.BodyReader.ReadAsync(http.RequestAborted);
            if (read.IsCompleted)
            {
                var length = (int)read.Buffer.Length;
                var bytes = ArrayPool<byte>.Shared.Rent(length);
                read.Buffer.CopyTo(bytes);
                http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                return (bytes, length);
            }

            http.Request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
