using System.Text;
using System.Text.Json;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A complete response.</summary>
public sealed class ApiResponse
{
    private readonly IReadOnlyList<KeyValuePair<string, string>> _headers;
    private JsonElement? _json;

    internal ApiResponse(int status, string method, string path, IReadOnlyList<KeyValuePair<string, string>> headers, byte[] body)
    {
        Status = status;
        Method = method;
        Path = path;
        _headers = headers;
        Body = body;
    }

    public int Status { get; }

    public string Method { get; }

    public string Path { get; }

    public byte[] Body { get; }

    public string BodyText => Encoding.UTF8.GetString(Body);

    public JsonElement Json => _json ??= JsonDocument.Parse(Body).RootElement.Clone();

    public string? ContentType => Header("Content-Type");

    /// <summary>The names of the headers.</summary>
    public IEnumerable<string> HeaderNames => _headers.Select(header => header.Key);

    /// <summary>The header's value, joined with commas if it occurs several times; null if it is missing.</summary>
    public string? Header(string name)
    {
        var values = _headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToList();
        return values.Count == 0 ? null : string.Join(", ", values);
    }

    /// <summary>The value of a required header.</summary>
    public string Required(string name) => Header(name) ?? throw new Xunit.Sdk.XunitException($"No {name} in: {this}");

    /// <summary>A member's text.</summary>
    public string Text(string member) => Json.GetProperty(member).GetString()!;

    /// <summary>The items of a member.</summary>
    public IReadOnlyList<JsonElement> Items(string member) => [.. Json.GetProperty(member).EnumerateArray()];

    /// <summary>A member of every item.</summary>
    public IReadOnlyList<string> Texts(string member, string of) => [.. Items(member).Select(item => item.GetProperty(of).GetString()!)];

    /// <summary>The cursor of the next page; null on the last page.</summary>
    public string? NextCursor => Json.TryGetProperty("nextCursor", out var cursor) ? cursor.GetString() : null;

    /// <summary>Fails unless the status is this one.</summary>
    public ApiResponse Should(int status)
    {
        if (Status != status) throw new Xunit.Sdk.XunitException($"Expected {status}, got: {this}");
        return this;
    }

    public override string ToString() =>
        $"{Method} {Path} → {Status}\n{string.Join('\n', _headers.Select(header => $"{header.Key}: {header.Value}"))}\n\n{(Body.Length > 4000 ? BodyText[..4000] : BodyText)}";

    internal static async Task<ApiResponse> From(HttpResponseMessage response)
    {
        var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .SelectMany(header => header.Value.Select(value => KeyValuePair.Create(header.Key, value)))
            .ToList();
        var request = response.RequestMessage!;
        return new ApiResponse(
            (int)response.StatusCode, request.Method.Method, request.RequestUri!.PathAndQuery, headers, await response.Content.ReadAsByteArrayAsync());
    }
}
