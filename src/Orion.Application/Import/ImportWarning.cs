namespace Orion.Application.Import;

/// <summary>Why something in the source of an import was skipped or changed. The names appear in the command's JSON report.</summary>
public enum ImportWarning
{
    /// <summary>An earlier session has the same id.</summary>
    SessionTwice,

    /// <summary>A session and its messages have no time.</summary>
    SessionWithoutTime,

    /// <summary>A message has no id.</summary>
    MessageWithoutId,

    /// <summary>A message has a role other than user and assistant.</summary>
    OtherRole,

    /// <summary>A message has no text.</summary>
    Empty,

    /// <summary>A message is longer than Orion accepts.</summary>
    TooLong,

    /// <summary>A text contains characters that cannot be stored.</summary>
    NotStorable,

    /// <summary>An earlier message of the session has the same id.</summary>
    MessageTwice,

    /// <summary>A different message has the same id here.</summary>
    OtherHere,

    /// <summary>A message precedes messages that exist here already, or its session was continued here.</summary>
    ContinuedHere,

    /// <summary>The message's session is archived here.</summary>
    ArchivedHere,

    /// <summary>A session has another title or other metadata here, and keeps them.</summary>
    DiffersHere,

    /// <summary>A title is longer than Orion accepts, and was truncated.</summary>
    TitleCut,

    /// <summary>Metadata is larger than Orion accepts, and was omitted.</summary>
    MetadataTooLarge,

    /// <summary>Metadata is not a JSON object, and was omitted.</summary>
    MetadataNoObject,

    /// <summary>The legacy id could not be added to the metadata: there is no space left, or a member with the same name.</summary>
    NoOldId,

    /// <summary>A conversation of a file has no valid structure.</summary>
    NoConversation,

    /// <summary>A conversation has nothing that can be imported.</summary>
    NothingToImport,

    /// <summary>A session has no time, and gets that of the import.</summary>
    NoTime,

    /// <summary>A message is on a branch that was not shown last.</summary>
    OtherBranch,

    /// <summary>A message is an instruction of the system, or hidden.</summary>
    SystemMessage,

    /// <summary>A message is the call or the result of a tool.</summary>
    ToolMessage,

    /// <summary>The model's reasoning is left out.</summary>
    Reasoning,

    /// <summary>An image is left out.</summary>
    Image,

    /// <summary>A file or a recording is left out.</summary>
    Attachment,

    /// <summary>A content of another kind is left out.</summary>
    OtherContent,

    /// <summary>A text that is longer than Orion accepts is split into several messages.</summary>
    TextSplit,

    /// <summary>Characters of a text that cannot be stored are replaced by U+FFFD.</summary>
    CharactersReplaced,
}
