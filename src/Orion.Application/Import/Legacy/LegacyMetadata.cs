using System.Text.Json;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Application.Import.Legacy;

/// <summary>Metadata of the old service: as it was, and with the old id in it where there is a new one.</summary>
internal static class LegacyMetadata
{
    private const string Member = "importedFrom";

    /// <param name="text">What stands in the row.</param>
    /// <param name="oldId">The old id; null where it was kept.</param>
    internal static (Metadata Metadata, ImportWarning? ImportWarning) Read(LegacyText text, string? oldId)
    {
        if (text.IsTooLong) return (Only(oldId), ImportWarning.MetadataTooLarge);
        if (text.Value is null || TextRules.IsBlank(text.Value) || text.Value.Trim() == "null") return (Only(oldId), null);
        if (Metadata.Parse(TextRules.ReplaceUnpairedEscapes(text.Value)) is not { Error: null } parsed) return (Only(oldId), ImportWarning.MetadataNoObject);

        var was = parsed.Value;
        if (oldId is null) return (was, null);
        if (IsEmptyUnlessTaken(was) is not { } isEmpty) return (was, ImportWarning.NoOldId);
        return Metadata.Parse(With(was.Json, isEmpty, oldId)) is { Error: null } with ? (with.Value, null) : (was, ImportWarning.NoOldId);
    }

    private static Metadata Only(string? oldId) => oldId is null ? Metadata.Empty : Metadata.Parse(With("{}", isEmpty: true, oldId)).Value;

    // Behind the last member, so that all that was there stays as it was written.
    private static string With(string json, bool isEmpty, string oldId)
    {
        var end = json.LastIndexOf('}');
        return $"{json[..end]}{(isEmpty ? "" : ", ")}\"{Member}\": {JsonSerializer.Serialize(oldId)}{json[end..]}";
    }

    // Whether the object is empty; null where it has a member of that name.
    private static bool? IsEmptyUnlessTaken(Metadata metadata)
    {
        using var document = JsonDocument.Parse(metadata.Json);
        if (document.RootElement.TryGetProperty(Member, out _)) return null;
        return !document.RootElement.EnumerateObject().MoveNext();
    }
}
