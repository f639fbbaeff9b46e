using System.Text.Json;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Application.Import.Legacy;

/// <summary>Reads legacy metadata, and adds the legacy id if Orion uses a new one.</summary>
internal static class LegacyMetadata
{
    private const string Member = "importedFrom";

    /// <param name="text">The metadata in the row.</param>
    /// <param name="legacyId">The legacy id; null if Orion keeps it.</param>
    internal static (Metadata Metadata, ImportWarning? Warning) Read(LegacyText text, string? legacyId)
    {
        if (text.IsTooLong) return (Only(legacyId), ImportWarning.MetadataTooLarge);
        if (text.Value is null || TextRules.IsBlank(text.Value) || text.Value.Trim() == "null") return (Only(legacyId), null);
        if (Metadata.Parse(TextRules.ReplaceUnpairedEscapes(text.Value)) is not { Error: null } parsed)
            return (Only(legacyId), ImportWarning.MetadataNoObject);

        var metadata = parsed.Value;
        if (legacyId is null) return (metadata, null);
        using var document = JsonDocument.Parse(metadata.Json);
        if (document.RootElement.TryGetProperty(Member, out _)) return (metadata, ImportWarning.NoOldId);
        var isEmpty = !document.RootElement.EnumerateObject().MoveNext();
        return Metadata.Parse(With(metadata.Json, isEmpty, legacyId)) is { Error: null } with ? (with.Value, null) : (metadata, ImportWarning.NoOldId);
    }

    private static Metadata Only(string? legacyId) =>
        legacyId is null ? Metadata.Empty : Metadata.Parse(With("{}", isEmpty: true, legacyId)).Value;

    // After the last member: the rest of the text stays as it is.
    private static string With(string json, bool isEmpty, string legacyId)
    {
        var end = json.LastIndexOf('}');
        return $"{json[..end]}{(isEmpty ? "" : ", ")}\"{Member}\": {JsonSerializer.Serialize(legacyId)}{json[end..]}";
    }
}
