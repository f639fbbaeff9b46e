using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>One block of an event stream: an event, or a comment.</summary>
/// <param name="Id">The number in <c>id</c>; null if it has none.</param>
/// <param name="Data">The data; the text of a comment begins with a colon.</param>
public sealed record StreamEvent(int? Id, string Data)
{
    public JsonElement Json => JsonDocument.Parse(Data).RootElement.Clone();

    /// <summary>The member <c>type</c>; null for a comment and for <c>[DONE]</c>.</summary>
    public string? Type => Data.StartsWith('{') ? Json.GetProperty("type").GetString() : null;
}

/// <summary>An open event stream. It reads the blocks strictly, as they were sent.</summary>
public sealed class EventStreamReader : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;
    private readonly StringBuilder _received = new();

    private EventStreamReader(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _lines = new StreamReader(body, new UTF8Encoding(false, throwOnInvalidBytes: true));
    }

    /// <summary>Everything that was read.</summary>
    public string Received => _received.ToString();

    /// <summary>The header's value; null if it is missing.</summary>
    public string? Header(string name) =>
        _response.Headers.NonValidated.TryGetValues(name, out var values) || _response.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? values.ToString()
            : null;

    internal static async Task<EventStreamReader> From(HttpResponseMessage response) =>
        new(response, await response.Content.ReadAsStreamAsync());

    /// <summary>The next block; null at the end.</summary>
    public async Task<StreamEvent?> Next()
    {
        int? id = null;
        string? data = null;
        while (await ReadLine() is { } line)
        {
            switch (line)
            {
                case "" when data is not null:
                    return new StreamEvent(id, data);
                case ['i', 'd', ':', ' ', .. var number] when id is null && data is null:
                    id = int.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture);
                    break;
                case ['d', 'a', 't', 'a', ':', ' ', .. var text] when data is null:
                    data = text;
                    break;
                case [':', ..] when data is null:
                    data = line;
                    break;
                default:
                    throw new Xunit.Sdk.XunitException($"An unexpected line: {line}\n\n{Received}");
            }
        }

        Assert.True(id is null && data is null, Received);
        return null;
    }

    /// <summary>Reads up to the first event with this type, and returns it.</summary>
    public async Task<StreamEvent> Until(string type)
    {
        while (await Next() is { } next)
        {
            if (next.Type == type) return next;
        }

        throw new Xunit.Sdk.XunitException($"The stream ended without {type}:\n{Received}");
    }

    /// <summary>Reads all blocks up to the end.</summary>
    public async Task<IReadOnlyList<StreamEvent>> ToEnd()
    {
        var events = new List<StreamEvent>();
        while (await Next() is { } next) events.Add(next);
        return events;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
    }

    private async Task<string?> ReadLine()
    {
        using var timeout = new CancellationTokenSource(Timeout);
        var line = await _lines.ReadLineAsync(timeout.Token);
        if (line is not null) _received.Append(line).Append('\n');
        return line;
    }
}
