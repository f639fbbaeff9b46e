using System.Globalization;
using Microsoft.Extensions.Primitives;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Api.Http;

/// <summary>
/// Reads a request's query parameters by name. An empty parameter is absent. One that is given twice or is not of the expected type is
/// reported by <see cref="Problem"/>.
/// </summary>
internal sealed class QueryReader(IQueryCollection query)
{
    private readonly HashSet<string> _read = new(StringComparer.OrdinalIgnoreCase);
    private Dictionary<string, string[]>? _errors;

    /// <summary>The errors of the parameters that were read.</summary>
    internal Error? Problem => _errors is null ? null : RequestErrors.Invalid(_errors);

    /// <summary>The first parameter that was not read, or else <see cref="Problem"/>.</summary>
    internal Error? ProblemOrUnknown
    {
        get
        {
            foreach (var (name, values) in query)
            {
                if (!_read.Contains(name) && !StringValues.IsNullOrEmpty(values)) return RequestErrors.UnknownMember(MemberNames.Echo(name));
            }

            return Problem;
        }
    }

    /// <summary>A text.</summary>
    internal string? Text(string name) => Read(name) is { Error: null } text ? text.Value : null;

    /// <summary>The user that a Phase 1 request names.</summary>
    internal Result<string>? User() => Read("userId");

    /// <summary>A required text.</summary>
    internal string? Required(string name) => Text(name) ?? AddError(name, RequestErrors.MissingMember);

    /// <summary>An integer from 1 to <paramref name="max"/>.</summary>
    internal int Number(string name, int max, int absent)
    {
        var text = Text(name);
        if (text is null) return absent;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max) return number;
        AddError(name, $"It must be a whole number from 1 to {max}.");
        return absent;
    }

    /// <summary>One of the words, exactly as written. The first one is the default.</summary>
    internal T Choice<T>(string name, params ReadOnlySpan<(string Word, T Meaning)> words)
    {
        var text = Text(name);
        if (text is null) return words[0].Meaning;
        foreach (var (word, meaning) in words)
        {
            if (word == text) return meaning;
        }

        var allowed = new List<string>();
        foreach (var (word, _) in words) allowed.Add(word);
        AddError(name, $"It must be one of: {string.Join(", ", allowed)}.");
        return words[0].Meaning;
    }

    /// <summary>The first microsecond of an RFC 3339 date-time.</summary>
    internal DateTimeOffset? From(string name) => Instant(name)?.First;

    /// <summary>The last microsecond of an RFC 3339 date-time.</summary>
    internal DateTimeOffset? To(string name) => Instant(name)?.Last;

    private Rfc3339.Span? Instant(string name)
    {
        var text = Text(name);
        if (text is null) return null;
        if (Rfc3339.Parse(text) is { } span) return span;
        AddError(name, Rfc3339.HasUnencodedPlus(text)
            ? "The plus of its offset must be written as %2B: in an address a plus means a blank."
            : Rfc3339.Expected);
        return null;
    }

    private Result<string>? Read(string name)
    {
        _read.Add(name);
        var values = query[name];
        if (StringValues.IsNullOrEmpty(values)) return null;
        if (values is [{ } text]) return text;

        var error = RequestErrors.InvalidMember("It must be given once.");
        AddError(name, error.Message);
        return error;
    }

    private string? AddError(string name, string message)
    {
        (_errors ??= []).TryAdd(name, [message]);
        return null;
    }
}
