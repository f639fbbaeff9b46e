using System.Text.Json;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Api.Http;

/// <summary>
/// Reads the members of a request's JSON object by name. A member that is missing or null is null. A member of the wrong type is a
/// failed result: the command's rules report it together with the others.
/// </summary>
internal sealed class JsonObjectReader(JsonElement json)
{
    /// <summary>Whether a member that was read is a failed result.</summary>
    internal bool HasErrors { get; private set; }

    /// <summary>A string.</summary>
    internal Result<string>? Text(string name) => Text<string>(name, text => text);

    /// <summary>A string that <paramref name="parse"/> turns into a value, or into null where it counts as missing.</summary>
    internal Result<T>? Text<T>(string name, Func<string, Result<T>?> parse)
        where T : notnull
    {
        if (!Has(name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.String) return Track<T>(Invalid("It must be a text."));
        try
        {
            return Track(parse(value.GetString()!));
        }
        catch (InvalidOperationException)
        {
            // GetString throws this for an unpaired surrogate.
            return Track<T>(SessionErrors.NotStorable);
        }
    }

    /// <summary>The id of a session. A text that is not a UUID becomes the id of a session that does not exist.</summary>
    internal Result<SessionId>? SessionId(string name) =>
        Text<SessionId>(name, text => Domain.Sessions.SessionId.Parse(text) ?? Domain.Sessions.SessionId.Unassigned);

    /// <summary>An integer.</summary>
    internal Result<int>? Number(string name)
    {
        if (!Has(name, out var value)) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : Track<int>(Invalid("It must be a whole number."));
    }

    /// <summary>True or false.</summary>
    internal Result<bool>? Boolean(string name)
    {
        if (!Has(name, out var value)) return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : Track<bool>(Invalid("It must be true or false."));
    }

    /// <summary>When a session expires.</summary>
    internal Result<SessionExpiry>? Expiry(string name) => Text<SessionExpiry>(
        name,
        text => Rfc3339.Parse(text) is { } span
            ? new SessionExpiry(span.First)
            : Invalid(Rfc3339.Expected));

    /// <summary>Whether a member is present and null.</summary>
    internal bool IsNull(string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>A list. Items that <paramref name="parse"/> turns into null are left out.</summary>
    internal Result<T[]>? List<T>(string name, Func<JsonElement, T?> parse)
        where T : class
    {
        if (!Has(name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.Array) return Track<T[]>(Invalid("It must be a list."));
        try
        {
            return value.EnumerateArray().Select(parse).OfType<T>().ToArray();
        }
        catch (InvalidOperationException)
        {
            // GetString throws this for an unpaired surrogate.
            return Track<T[]>(SessionErrors.NotStorable);
        }
    }

    /// <summary>A JSON object.</summary>
    internal Result<Metadata>? Metadata(string name) => Has(name, out var value) ? Track(Domain.Sessions.Metadata.Parse(value)) : null;

    private static Error Invalid(string message) => RequestErrors.InvalidMember(message);

    private bool Has(string name, out JsonElement value) => json.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private Result<T>? Track<T>(Result<T>? result)
        where T : notnull
    {
        HasErrors |= result?.Error is not null;
        return result;
    }
}
