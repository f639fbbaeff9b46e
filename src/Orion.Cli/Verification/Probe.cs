using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orion.Cli.Verification;

/// <summary>Sends requests to a deployment as a client would, and follows nothing.</summary>
internal sealed class Probe : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly Uri _address;
    private string? _certificateProblem;

    internal Probe(Uri address)
    {
        _address = address;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // Loopback is never asked through another machine, which would see the tokens.
            UseProxy = !address.IsLoopback,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            _certificateProblem = ConnectionFailure.ProblemOf(
                address.Host, certificate as X509Certificate2, chain, errors, TimeProvider.System.GetUtcNow());
            return errors == SslPolicyErrors.None;
        };
        _http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout };
    }

    /// <summary>When the budget that is used up is renewed; null while no response was 429.</summary>
    internal TimeSpan? RetryAfter { get; private set; }

    /// <summary>Whether to say that the request came over HTTPS, as a proxy in front would: on the proxy's own machine alone.</summary>
    internal bool SpeaksForProxy { get; set; }

    /// <summary>Sends a request and reads the answer to its end.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="path">Its path, or a whole address.</param>
    /// <param name="token">What to present; null for nothing.</param>
    /// <param name="body">What to send as JSON; null for nothing.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="headers">Further headers.</param>
    internal async Task<ProbeResponse> Send(
        HttpMethod method,
        string path,
        string? token,
        object? body = null,
        CancellationToken cancellationToken = default,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        if (SpeaksForProxy) request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);

        using var response = await _http.SendAsync(request, cancellationToken);
        var answer = new ProbeResponse(
            (int)response.StatusCode,
            response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
                .ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await response.Content.ReadAsStringAsync(cancellationToken));
        if (answer.Status == 429) RetryAfter = answer.RetryAfter ?? TimeSpan.Zero;
        return answer;
    }

    /// <summary>Why a request got no response, and what to change.</summary>
    internal string Explain(Exception exception) => exception is HttpRequestException failed
        ? ConnectionFailure.Explain(failed, _address, Proxy, failed.HttpRequestError == HttpRequestError.SecureConnectionError ? _certificateProblem : null)
        : $"{_address.Host}:{_address.Port} did not respond within {Timeout.TotalSeconds} s. Check the firewall, and the proxy in front of Orion.";

    /// <summary>Reads something.</summary>
    internal Task<ProbeResponse> Get(string path, string? token, CancellationToken cancellationToken, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Get, path, token, null, cancellationToken, headers);

    public void Dispose() => _http.Dispose();

    private Uri? Proxy => _address.IsLoopback || HttpClient.DefaultProxy.IsBypassed(_address) ? null : HttpClient.DefaultProxy.GetProxy(_address);
}

/// <summary>An answer that was read to its end.</summary>
internal sealed partial record ProbeResponse(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    private const int LongestCode = 40;

    /// <summary>How long to wait before the next request; null where the response does not say.</summary>
    internal TimeSpan? RetryAfter => int.TryParse(Header("Retry-After"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        ? TimeSpan.FromSeconds(seconds)
        : null;

    /// <summary>What <c>RateLimit</c> and <c>RateLimit-Policy</c> tell; null where they are missing or malformed.</summary>
    internal (int Size, int Left)? Budget =>
        Policy().Match(Header("RateLimit-Policy") ?? "") is { Success: true } policy && Left().Match(Header("RateLimit") ?? "") is { Success: true } left
            ? (int.Parse(policy.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(left.Groups[1].Value, CultureInfo.InvariantCulture))
            : null;

    /// <summary>The body as JSON; undefined where it is none.</summary>
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

    /// <summary>The stable code of a refusal; empty where there is none that could be one of Orion's.</summary>
    internal string Code => Text("error") is { Length: <= LongestCode } code && code.All(letter => letter is '_' or (>= 'a' and <= 'z')) ? code : "";

    /// <summary>A header's value; null without it.</summary>
    internal string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>A member's text; null where it has none.</summary>
    internal string? Text(string member) =>
        Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>Whether a member is <c>true</c>.</summary>
    internal bool Is(string member) =>
        Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>The status and the code, for a person.</summary>
    public override string ToString() => Code.Length == 0 ? $"{Status}" : $"{Status} {Code}";

    [GeneratedRegex("""^"default";q=([1-9][0-9]{0,8});w=[1-9][0-9]*$""")]
    private static partial Regex Policy();

    [GeneratedRegex("""^"default";r=([0-9]{1,9});t=[0-9]+$""")]
    private static partial Regex Left();
}
