using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orion.Cli.Verification;

/// <summary>Sends requests to a deployment as a client does. It follows no redirects.</summary>
internal sealed class Probe : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly HttpClient _streams;
    private readonly Uri _address;
    private string? _certificateProblem;

    internal Probe(Uri address)
    {
        _address = address;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // Requests to loopback never go through a proxy, which would see the tokens.
            UseProxy = !address.IsLoopback,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            _certificateProblem = ConnectionFailure.ProblemOf(
                address.Host, certificate as X509Certificate2, chain, errors, TimeProvider.System.GetUtcNow());
            return errors == SslPolicyErrors.None;
        };
        _http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout };
        _streams = new HttpClient(handler, disposeHandler: false) { BaseAddress = address, Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    /// <summary>When the exceeded rate limit resets; null if no response was 429.</summary>
    internal TimeSpan? RetryAfter { get; private set; }

    /// <summary>Whether to send X-Forwarded-Proto: https, as the proxy in front does. Only works on the proxy's machine.</summary>
    internal bool ActsAsProxy { get; set; }

    /// <summary>Sends a request and reads the response to its end.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path, or an absolute URL.</param>
    /// <param name="token">The bearer token; null for none.</param>
    /// <param name="body">The body, sent as JSON; null for none.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <param name="headers">Further headers.</param>
    internal async Task<ProbeResponse> Send(
        HttpMethod method,
        string path,
        string? token,
        object? body = null,
        CancellationToken cancellationToken = default,
        params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, token, body, headers);
        using var message = await _http.SendAsync(request, cancellationToken);
        return await Read(message, cancellationToken);
    }

    /// <summary>Sends a request that asks for a stream of server-sent events. There is no time limit.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path.</param>
    /// <param name="token">The bearer token.</param>
    /// <param name="body">The body, sent as JSON; null for none.</param>
    /// <param name="cancellationToken">Cancels the request and the stream.</param>
    /// <param name="headers">Further headers.</param>
    internal async Task<ProbeStream> Open(
        HttpMethod method,
        string path,
        string token,
        object? body,
        CancellationToken cancellationToken,
        params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, token, body, [("Accept", ProbeStream.MediaType), .. headers]);
        var message = await _streams.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        try
        {
            var isStream = message is { StatusCode: System.Net.HttpStatusCode.OK, Content.Headers.ContentType.MediaType: ProbeStream.MediaType };
            return new ProbeStream(message, HeadersOf(message), isStream ? null : await Read(message, cancellationToken));
        }
        catch
        {
            message.Dispose();
            throw;
        }
    }

    /// <summary>Why a request got no response, and what to change.</summary>
    internal string Explain(Exception exception) => exception is HttpRequestException failed
        ? ConnectionFailure.Explain(failed, _address, Proxy, failed.HttpRequestError == HttpRequestError.SecureConnectionError ? _certificateProblem : null)
        : $"{_address.Host}:{_address.Port} did not respond within {Timeout.TotalSeconds} s. Check the firewall, and the proxy in front of Orion.";

    /// <summary>Sends a GET request.</summary>
    internal Task<ProbeResponse> Get(string path, string? token, CancellationToken cancellationToken, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Get, path, token, null, cancellationToken, headers);

    public void Dispose()
    {
        _streams.Dispose();
        _http.Dispose();
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string? token, object? body, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        if (ActsAsProxy) request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private async Task<ProbeResponse> Read(HttpResponseMessage message, CancellationToken cancellationToken)
    {
        var response = new ProbeResponse((int)message.StatusCode, HeadersOf(message), await message.Content.ReadAsStringAsync(cancellationToken));
        if (response.Status == 429) RetryAfter = response.RetryAfter ?? TimeSpan.Zero;
        return response;
    }

    private static Dictionary<string, string> HeadersOf(HttpResponseMessage message) =>
        message.Headers.NonValidated.Concat(message.Content.Headers.NonValidated)
            .ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);

    private Uri? Proxy => _address.IsLoopback || HttpClient.DefaultProxy.IsBypassed(_address) ? null : HttpClient.DefaultProxy.GetProxy(_address);
}

/// <summary>The response to a request for a stream.</summary>
/// <param name="message">The response, which the stream owns.</param>
/// <param name="headers">Its headers.</param>
/// <param name="response">The complete response, if it is no stream.</param>
internal sealed class ProbeStream(HttpResponseMessage message, IReadOnlyDictionary<string, string> headers, ProbeResponse? response) : IDisposable
{
    internal const string MediaType = "text/event-stream";

    /// <summary>The data of the last event.</summary>
    internal const string Done = "[DONE]";

    /// <summary>The complete response; null if it is a stream.</summary>
    internal ProbeResponse? Response => response;

    /// <summary>The headers.</summary>
    internal IReadOnlyDictionary<string, string> Headers => headers;

    /// <summary>Reads the events.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    internal async IAsyncEnumerable<SseItem<string>> Events([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var body = await message.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken)) yield return item;
    }

    public void Dispose() => message.Dispose();
}

/// <summary>A complete response.</summary>
internal sealed partial record ProbeResponse(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    private const int MaxCodeLength = 40;

    /// <summary>How long to wait before the next request; null if the response does not state it.</summary>
    internal TimeSpan? RetryAfter => int.TryParse(Header("Retry-After"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        ? TimeSpan.FromSeconds(seconds)
        : null;

    /// <summary>The values of <c>RateLimit</c> and <c>RateLimit-Policy</c>; null if they are missing or malformed.</summary>
    internal (int Limit, int Remaining)? RateLimit =>
        Policy().Match(Header("RateLimit-Policy") ?? "") is { Success: true } policy && Remaining().Match(Header("RateLimit") ?? "") is { Success: true } remaining
            ? (int.Parse(policy.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(remaining.Groups[1].Value, CultureInfo.InvariantCulture))
            : null;

    /// <summary>The body as JSON; undefined if it is not JSON.</summary>
    internal JsonElement Json
    {
        get
        {
            try
            {
                return JsonDocument.Parse(Body).RootElement;
            }
            catch (JsonException)
            {
                return default;
            }
        }
    }

    /// <summary>The error code; empty if the response is not a problem of Orion's.</summary>
    internal string Code => Text("error") is { Length: <= MaxCodeLength } code && code.All(letter => letter is '_' or (>= 'a' and <= 'z')) ? code : "";

    /// <summary>A header's value; null if it is missing.</summary>
    internal string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>A member's text; null if it is not a text.</summary>
    internal string? Text(string member) =>
        Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>Whether a member is <c>true</c>.</summary>
    internal bool IsTrue(string member) =>
        Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>The status and the code, for a person.</summary>
    public override string ToString() => Code.Length == 0 ? $"{Status}" : $"{Status} {Code}";

    [GeneratedRegex("""^"default";q=([1-9][0-9]{0,8});w=[1-9][0-9]*$""")]
    private static partial Regex Policy();

    [GeneratedRegex("""^"default";r=([0-9]{1,9});t=[0-9]+$""")]
    private static partial Regex Remaining();
}
