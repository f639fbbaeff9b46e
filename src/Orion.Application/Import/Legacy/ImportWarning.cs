namespace Orion.Application.Import.Legacy;

/// <summary>Why something of the old service was not taken over, or not as it was.</summary>
public enum ImportWarning
{
    /// <summary>A session with the same id stands before it.</summary>
    SessionTwice,

    /// <summary>A session, and all in it, without any time.</summary>
    SessionWithoutTime,

    /// <summary>A message without an id.</summary>
    MessageWithoutId,

    /// <summary>A message of neither the person nor the model.</summary>
    OtherRole,

    /// <summary>A message without a text.</summary>
    Empty,

    /// <summary>A message longer than Orion takes.</summary>
    TooLong,

    /// <summary>A text that no database can hold.</summary>
    NotStorable,

    /// <summary>A message whose id stands before it in the same session.</summary>
    MessageTwice,

    /// <summary>A message whose id another message has here.</summary>
    OtherHere,

    /// <summary>A message in front of messages that are here already, or of a session that was continued here.</summary>
    ContinuedHere,

    /// <summary>A message of a session that was archived here.</summary>
    ArchivedHere,

    /// <summary>A session that has another title or other metadata here; it keeps them.</summary>
    DiffersHere,

    /// <summary>A title longer than Orion takes; it was cut.</summary>
    TitleCut,

    /// <summary>Metadata larger than Orion takes; the rest was taken without it.</summary>
    MetadataTooLarge,

    /// <summary>Metadata that is no JSON object; the rest was taken without it.</summary>
    MetadataNoObject,

    /// <summary>Metadata that has no room for the old id, or a member of that name already; it was taken as it is.</summary>
    NoOldId,
}
