using System.Text.Json;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Api.Http;

/// <summary>
/// The members of a request's JSON object, read by name and kind. A member that is null is absent; one of another kind, and one
/// that nobody asked for, is in <see cref="Problem"/>.
/// </summary>
internal sealed class JsonObjectReader(JsonElement json)
{
    private readonly HashSet<string> _known = [];
    private Dictionary<string, string[]>? _wrong;

    /// <summary>A text.</summary>
    internal string? Text(string name)
    {
        if (!Has(name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.String) return Wrong(name, "It must be a text.");
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return Wrong(name, SessionErrors.NotStorable.Message);
        }
    }

    /// <summary>A text that must be there.</summary>
    internal string? Required(string name) =>
        Text(name) is { } text ? text
        : _wrong?.ContainsKey(name) == true ? null
        : Wrong(name, "It is missing.");

    /// <summary>A whole number.</summary>
    internal int? Number(string name)
    {
        if (!Has(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)) return number;
        Wrong(name, "It must be a whole number.");
        return null;
    }

    /// <summary>True or false.</summary>
    internal bool? Flag(string name)
    {
        if (!Has(name, out var value)) return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Wrong(name, "It must be true or false.");
        return null;
    }

    /// <summary>A JSON object, as the text that came.</summary>
    internal string? Object(string name)
    {
        if (!Has(name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.Object) return Wrong(name, "It must be a JSON object.");
        var json = value.GetRawText();
        return TextRules.IndexOfUnpairedEscape<char>(json) < 0 ? json : Wrong(name, SessionErrors.NotStorable.Message);
    }

    /// <summary>What is wrong with the members that were asked for, or the first one that was not, where all must be known.</summary>
    internal Error? Problem(bool refuseUnknown)
    {
        if (refuseUnknown)
        {
            foreach (var member in json.EnumerateObject())
            {
                if (!_known.Any(member.NameEquals)) return RequestErrors.UnknownMember(MemberNames.Echo(member.Name));
            }
        }

        return _wrong is null ? null : RequestErrors.Invalid(_wrong);
    }

    private bool Has(string name, out JsonElement value)
    {
        _known.Add(name);
        return json.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private string? Wrong(string name, string message)
    {
        (_wrong ??= []).Add(name, [message]);
        return null;
    }
}
