using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>Sends requests as one caller, and reads the complete response.</summary>
public sealed partial class ApiClient(HttpClient http, Func<string>? token)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int LargeBody = 512 * 1024;

    public Task<ApiResponse> Get(string path, params (string Name, string Value)[] headers) => Send(HttpMethod.Get, path, null, headers);

    public Task<ApiResponse> Head(string path, params (string Name, string Value)[] headers) => Send(HttpMethod.Head, path, null, headers);

    public Task<ApiResponse> Delete(string path, params (string Name, string Value)[] headers) => Send(HttpMethod.Delete, path, null, headers);

    public Task<ApiResponse> Options(string path, params (string Name, string Value)[] headers) => Send(HttpMethod.Options, path, null, headers);

    /// <summary>Posts an object as JSON, or a text as it is.</summary>
    public Task<ApiResponse> Post(string path, object? body, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Post, path, Json(body), headers);

    public Task<ApiResponse> Patch(string path, object? body, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Patch, path, Json(body), headers);

    public async Task<ApiResponse> Send(HttpMethod method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, body, headers);

        // The server can reject a large body before it is sent. Otherwise the response is lost if the connection breaks during the upload.
        request.Headers.ExpectContinue = body is not null && (body.Headers.ContentLength ?? 0) > LargeBody;
        using var response = await http.SendAsync(request);
        return await ApiResponse.From(response);
    }

    /// <summary>Opens an event stream. Fails unless the response is one.</summary>
    public async Task<EventStreamReader> Open(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, Json(body), [("Accept", "text/event-stream"), .. headers]);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if ((int)response.StatusCode != 200 || response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            throw new Xunit.Sdk.XunitException($"No event stream: {await ApiResponse.From(response)}");
        return await EventStreamReader.From(response);
    }

    /// <summary>Asks the model for a reply, and opens its stream.</summary>
    public Task<EventStreamReader> OpenReply(string session, object? body = null, params (string Name, string Value)[] headers) =>
        Open(HttpMethod.Post, $"/api/sessions/{session}/replies", body ?? new { content = "Hello" }, headers);

    /// <summary>Creates a session and returns its id.</summary>
    public async Task<string> Create(object? body = null) => (await Post("/api/sessions", body ?? new { })).Should(201).Text("sessionId");

    /// <summary>Appends a message and returns it.</summary>
    public async Task<JsonElement> Append(string session, string content, string role = "user") =>
        (await Post($"/api/sessions/{session}/messages", new { role, content })).Should(201).Json;

    /// <summary>Reads a session.</summary>
    public async Task<JsonElement> Session(string id) => (await Get($"/api/sessions/{id}")).Should(200).Json;

    /// <summary>Mints a session token.</summary>
    public async Task<string> Mint(string session) => (await Post("/api/tokens", new { sessionId = session })).Should(201).Text("token");

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? body, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = body };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token());
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) body?.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static StringContent? Json(object? body)
    {
        if (body is null) return null;
        var content = new StringContent(body as string ?? WithoutEscapes(JsonSerializer.Serialize(body, Plain)), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    // The serializer writes characters beyond U+FFFF as two escapes of six bytes each; other clients send their four bytes.
    private static string WithoutEscapes(string json) =>
        EscapedPair().Replace(json, pair => string.Concat(
            (char)int.Parse(pair.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            (char)int.Parse(pair.Groups[2].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));

    [GeneratedRegex(@"(?<!\\)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")]
    private static partial Regex EscapedPair();
}
