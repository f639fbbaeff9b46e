using System.Buffers;
using System.IO.Pipelines;
using System.Reflection;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Orion.Api.Errors;
using Orion.Api.Hosting;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;

namespace Orion.Api.Http;

/// <summary>Marks the type whose properties are the members of a route's body.</summary>
internal interface IRequestBody
{
    /// <summary>Whether a body with any other member is rejected.</summary>
    static abstract bool RejectsUnknownMembers { get; }
}

/// <summary>Reads bodies strictly. It rejects what two parsers could interpret differently (RFC 8259, sections 4 and 8).</summary>
internal static class RequestBodies
{
    /// <summary>
    /// The largest body, in bytes. The longest valid message fits: 100,000 characters, each as two <c>\u</c> escapes of six bytes, and
    /// 16 KiB of metadata.
    /// </summary>
    internal const int MaxBytes = 2 * 1024 * 1024;

    /// <summary>
    /// The largest body including the framing of chunks, in bytes: six for each byte if every chunk has one byte, and the rest for chunk
    /// extensions and trailers, which have no other limit.
    /// </summary>
    internal const int MaxBytesWithFraming = 8 * MaxBytes;

    /// <summary>The largest depth of nested objects and arrays.</summary>
    internal const int MaxDepth = 32;

    /// <summary>
    /// The memory for one JSON token while the body is parsed, in bytes. JsonDocument has a row of 12 bytes in an array that doubles (36
    /// with the old and the new array), and the search for duplicate names takes up to 17, as measured. Rounded up.
    /// </summary>
    private const int BytesPerToken = 64;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads a body and creates a command or query from it.</summary>
    /// <typeparam name="TBody">The type that lists the body's members.</typeparam>
    /// <typeparam name="TRequest">The command or query.</typeparam>
    /// <param name="http">The HTTP request.</param>
    /// <param name="read">Creates the command or query from the members and the bytes of the body, which are valid only during the call.</param>
    /// <returns>The command or query; or the problem, if the body is not a JSON object with known members.</returns>
    internal static async Task<(TRequest? Request, Problem? Problem)> Read<TBody, TRequest>(
        HttpContext http, Func<JsonObjectReader, ReadOnlyMemory<byte>, TRequest> read)
        where TBody : IRequestBody
        where TRequest : class
    {
        if (http.Request.ContentLength is > MaxBytes) return (null, Problems.PayloadTooLarge);

        // Without a body, the media type does not matter.
        var hasBody = http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };
        if (!hasBody) return (null, Problems.MissingBody);
        if (!IsJson(http.Request.ContentType)) return (null, Problems.UnsupportedMediaType);

        using var buffer = new PooledBuffer();
        if (!await ReadAll(http, buffer)) return (null, Problems.PayloadTooLarge);

        var bytes = buffer.Join();
        if (!await CoverTokens(http, bytes)) return (null, Problems.MalformedJson);
        var parsed = Parse<TBody, TRequest>(bytes, read);
        http.Features.Get<ByteReservation>()?.ShrinkTo(bytes.Length > InFlightBytes.Small ? bytes.Length : 0);
        return parsed;
    }

    // False if it is not JSON. A reservation above the limit of a caller would never succeed.
    private static async ValueTask<bool> CoverTokens(HttpContext http, ReadOnlyMemory<byte> bytes)
    {
        // A token has at least one byte.
        if ((long)bytes.Length * BytesPerToken <= InFlightBytes.Small) return true;
        if (CountTokens(bytes.Span) is not { } tokens) return false;
        var cost = (long)tokens * BytesPerToken;
        if (cost > InFlightBytes.Small) await http.Memory().GrowTo(Math.Min(bytes.Length + cost, InFlightBytes.CallerLimit), http.RequestAborted);
        return true;
    }

    // Allocates nothing. Null if it is not JSON.
    private static int? CountTokens(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
            var tokens = 0;
            while (reader.Read()) tokens++;
            return tokens;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static (TRequest? Request, Problem? Problem) Parse<TBody, TRequest>(
        ReadOnlyMemory<byte> bytes, Func<JsonObjectReader, ReadOnlyMemory<byte>, TRequest> read)
        where TBody : IRequestBody
        where TRequest : class
    {
        if (bytes.IsEmpty) return (null, Problems.MissingBody);
        if (!Utf8.IsValid(bytes.Span)) return (null, Problems.MalformedJson);
        try
        {
            return Parse<TBody, TRequest>(bytes, read, hasUnreadableName: false);
        }
        catch (JsonException)
        {
            return (null, Problems.MalformedJson);
        }
        catch (InvalidOperationException)
        {
            // The search for duplicates throws this for a name with an unpaired surrogate.
        }

        try
        {
            return Parse<TBody, TRequest>(bytes, read, hasUnreadableName: true);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return (null, Problems.MalformedJson);
        }
    }

    private static (TRequest? Request, Problem? Problem) Parse<TBody, TRequest>(
        ReadOnlyMemory<byte> bytes,
        Func<JsonObjectReader, ReadOnlyMemory<byte>, TRequest> read,
        bool hasUnreadableName)
        where TBody : IRequestBody
        where TRequest : class
    {
        using var json = JsonDocument.Parse(bytes, Strict with { AllowDuplicateProperties = hasUnreadableName });
        if (json.RootElement.ValueKind != JsonValueKind.Object) return (null, Problems.MalformedJson);
        if (hasUnreadableName && HasDuplicate(json.RootElement)) return (null, Problems.MalformedJson);
        if (TBody.RejectsUnknownMembers && BodyMembers<TBody>.FindUnknown(json.RootElement) is { } unknown)
            return (null, Problems.From(RequestErrors.UnknownMember(MemberNames.Echo(unknown))));

        // If a member that the route reads contains the unreadable name, that member is invalid, and the command's rules report it.
        // Otherwise the body is malformed.
        var members = new JsonObjectReader(json.RootElement);
        var request = read(members, bytes);
        return hasUnreadableName && !members.HasErrors ? (null, Problems.MalformedJson) : (request, null);
    }

    private static bool HasDuplicate(JsonElement json)
    {
        var names = new HashSet<string>();
        return json.EnumerateObject().Any(member => !names.Add(member.Name));
    }

    // RFC 8259, section 11 defines no parameters. charset=utf-8 is common.
    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    // False if it is too large. ErrorMiddleware maps the exceptions.
    private static async Task<bool> ReadAll(HttpContext http, PooledBuffer buffer)
    {
        var timeouts = http.Features.GetRequiredFeature<RequestTimeouts>();
        timeouts.Begin(RequestPhase.Body);
        var reader = http.Request.BodyReader;
        var cancellation = http.RequestAborted;
        // Kestrel treats a read that its token cancels as an error.
        await using var registration = cancellation.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), reader);
        while (true)
        {
            var read = await reader.ReadAsync(CancellationToken.None);
            try
            {
                cancellation.ThrowIfCancellationRequested();
                var length = buffer.Length + read.Buffer.Length;
                if (length > MaxBytes) return false;
                if (length > InFlightBytes.Small) await http.Memory().GrowTo(length, cancellation);
                foreach (var part in read.Buffer) buffer.Write(part.Span);
                if (read.IsCompleted) break;
            }
            finally
            {
                reader.AdvanceTo(read.Buffer.End);
            }
        }

        timeouts.Begin(RequestPhase.Work);
        return true;
    }
}

/// <summary>The members of a body: the properties of its type, in camel case.</summary>
internal static class BodyMembers<TBody>
{
    private static readonly string[] Names =
        [.. typeof(TBody).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(member => JsonNamingPolicy.CamelCase.ConvertName(member.Name))];

    /// <summary>The first member of the object that the type does not have; null if it has all of them.</summary>
    internal static string? FindUnknown(JsonElement json)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (!Names.Any(member.NameEquals)) return member.Name;
        }

        return null;
    }
}
