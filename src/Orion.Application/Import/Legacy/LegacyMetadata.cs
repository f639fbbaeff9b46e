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
        if (text.IsTooLong) return (IdOnly(legacyId), ImportWarning.MetadataTooLarge);
        if (text.Value is null || TextRules.IsBlank(text.Value) || text.Value.Trim() == "null") return (IdOnly(legacyId), null);
        if (Metadata.Parse(TextRules.ReplaceUnpairedEscapes(text.Value)) is not { Error: null } parsed)
            return (IdOnly(legacyId), ImportWarning.MetadataNoObject);

        var metadata = parsed.Value;
        if (legacyId is null) return (metadata, null);
        using var document = JsonDocument.Parse(metadata.Json);
        if (document.RootElement.TryGetProperty(Member, out _)) return (metadata, ImportWarning.NoOldId);
        var isEmpty = !document.RootElement.EnumerateObject().MoveNext();
        return Metadata.Parse(AddId(metadata.Json, isEmpty, legacyId)) is { Error: null } extended ? (extended.Value, null) : (metadata, ImportWarning.NoOldId);
    }

    private static Metadata IdOnly(string? legacyId) =>
        legacyId is null ? Metadata.Empty : Metadata.Parse(AddId("{}", isEmpty: true, legacyId)).Value;

    // Adds the member at the end, so that the rest of the text does not change.
    private static string AddId(string json, bool isEmpty, string legacyId)
    {
        var end = json.LastIndexOf('}');
        return $"{json[..end]}{(isEmpty ? "" : ", ")}\"{Member}\": {JsonSerializer.Serialize(legacyId)}{json[end..]}";
    }
}
