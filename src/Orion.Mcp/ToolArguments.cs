using System.Text.Json;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Mcp;

/// <summary>
/// Reads the arguments of a tool by name. An argument that is missing or null is null. The invalid ones are collected in <see cref="Error"/>.
/// </summary>
public sealed class ToolArguments
{
    private readonly IDictionary<string, JsonElement> _values;
    private readonly Dictionary<string, string[]> _invalid = [];

    /// <summary>Begins to read.</summary>
    /// <param name="values">The arguments; null for none.</param>
    /// <param name="names">The names that the tool accepts.</param>
    internal ToolArguments(IDictionary<string, JsonElement>? values, IReadOnlySet<string> names)
    {
        _values = values ?? new Dictionary<string, JsonElement>();
        if (!_values.Keys.All(names.Contains))
            _invalid["arguments"] = [names.Count == 0 ? "The tool has no arguments." : $"The tool has only these arguments: {string.Join(", ", names)}."];
    }

    /// <summary>The arguments that are invalid; null if there are none.</summary>
    public Error? Error => _invalid.Count == 0 ? null : RequestErrors.Invalid(_invalid);

    /// <summary>A text.</summary>
    internal string? Text(string name) => Text<string>(name, text => text)?.Value;

    /// <summary>A text that <paramref name="parse"/> turns into a value, or into null where it counts as missing.</summary>
    internal Result<T>? Text<T>(string name, Func<string, Result<T>?> parse)
        where T : notnull
    {
        if (!Has(name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.String) return Invalid<T>(name, "It must be a text.");
        // The library has rejected unpaired surrogates, for which GetString would throw.
        if (parse(value.GetString()!) is not { } result) return null;
        return result.Error is { } error ? Invalid<T>(name, error.Message) : result;
    }

    /// <summary>The id of a session. A text that is not a UUID becomes the id of a session that does not exist.</summary>
    internal SessionId? Session(string name) =>
        Text<SessionId>(name, text => SessionId.Parse(text) ?? SessionId.Unassigned)?.Value;

    /// <summary>The id of a session, which must be given.</summary>
    internal SessionId RequiredSession(string name)
    {
        if (!Has(name, out _)) Invalid<SessionId>(name, RequestErrors.MissingMember);
        return Session(name) ?? SessionId.Unassigned;
    }

    /// <summary>A whole number from 1 to <paramref name="max"/>.</summary>
    public int Number(string name, int max, int defaultValue)
    {
        if (!Has(name, out var value)) return defaultValue;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 1 && number <= max) return number;
        Invalid<string>(name, $"It must be a whole number from 1 to {max}.");
        return defaultValue;
    }

    /// <summary>One of several words. The first one is the default.</summary>
    internal T Choice<T>(string name, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        if (Text(name) is not { } text) return choices[0].Value;
        foreach (var (word, choice) in choices)
        {
            if (word == text) return choice;
        }

        var words = new List<string>();
        foreach (var (word, _) in choices) words.Add(word);
        Invalid<string>(name, $"It must be one of: {string.Join(", ", words)}.");
        return choices[0].Value;
    }

    private bool Has(string name, out JsonElement value) => _values.TryGetValue(name, out value) && value.ValueKind != JsonValueKind.Null;

    // Null, because the request is not sent.
    private Result<T>? Invalid<T>(string name, string message)
        where T : notnull
    {
        _invalid[name] = [message];
        return null;
    }
}
