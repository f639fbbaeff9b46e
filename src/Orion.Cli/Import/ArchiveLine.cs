using System.Text.Json;
using System.Text.Json.Serialization;
using Orion.Application.Import.Archive;
using Orion.Cli.Reporting;
using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Cli.Import;

/// <summary>
/// A line of an export (NDJSON): first whose it is, then sessions, then messages, then how many there were. Texts and metadata stand
/// as they were stored; what Orion derives from messages is left out, because it derives it again.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(ArchiveStart), "export")]
[JsonDerivedType(typeof(ArchivedSession), "session")]
[JsonDerivedType(typeof(ArchivedMessage), "message")]
[JsonDerivedType(typeof(ArchiveEnd), "end")]
internal abstract record ArchiveLine
{
    private static readonly JsonSerializerOptions Options = new(ReportJson.Options)
    {
        WriteIndented = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Reads a line; null where it is none.</summary>
    internal static ArchiveLine? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<ArchiveLine>(line, Options);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The line, without its end.</summary>
    internal string Write() => JsonSerializer.Serialize(this, Options);
}

/// <summary>The first line.</summary>
/// <param name="Format">The version of the format.</param>
/// <param name="UserId">Whose everything this is.</param>
internal sealed record ArchiveStart(int Format, string UserId) : ArchiveLine
{
    /// <summary>The version that is written and read.</summary>
    internal const int CurrentFormat = 1;
}

/// <summary>A user's last line: without it the file is not whole.</summary>
/// <param name="Sessions">How many sessions there were.</param>
/// <param name="Messages">How many messages there were.</param>
/// <param name="UsersToCome">How many users follow in the file.</param>
internal sealed record ArchiveEnd(
    int Sessions, long Messages, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int UsersToCome = 0)
    : ArchiveLine;

/// <summary>A session.</summary>
/// <remarks><c>TokensValidFrom</c> is there for the versions that require it. An import refuses all session tokens from before it.</remarks>
internal sealed record ArchivedSession(
    Guid SessionId,
    int MessageCount,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    long Version,
    DateTimeOffset TokensValidFrom,
    string Metadata,
    string? Title = null,
    DateTimeOffset? ArchivedAt = null) : ArchiveLine
{
    /// <summary>Writes down a session.</summary>
    internal static ArchivedSession From(Session session) => new(
        session.Id.Value, session.MessageCount, session.CreatedAt, session.UpdatedAt, session.Version, DateTimeOffset.UnixEpoch,
        session.Metadata.Json, session.Title?.Value, session.ArchivedAt);

    /// <summary>The session that was written down, or what is wrong with it.</summary>
    internal Result<ImportedSession> ToOrigin()
    {
        // An earlier version took blank titles and unpaired surrogates that this one refuses; its archives can be imported all the same.
        var title = Title is null || TextRules.IsBlank(Title) ? null : SessionTitle.Parse(Title);
        if (title?.Error is { } wrongTitle) return wrongTitle;
        if (Domain.Sessions.Metadata.Parse(TextRules.ReplaceUnpairedEscapes(Metadata)) is not { Error: null } metadata) return ArchiveErrors.Metadata;
        if (SessionId == Guid.Empty || MessageCount < 0 || Version < 1) return ArchiveErrors.Numbers;
        return new ImportedSession(
            Domain.Sessions.SessionId.From(SessionId),
            title?.Value,
            metadata.Value,
            MessageCount,
            CreatedAt.CutToMicroseconds(),
            UpdatedAt.CutToMicroseconds(),
            ArchivedAt?.CutToMicroseconds(),
            Version);
    }
}

/// <summary>A message.</summary>
internal sealed record ArchivedMessage(
    Guid SessionId, int Sequence, Guid Id, string Role, string Content, DateTimeOffset CreatedAt, string Metadata) : ArchiveLine
{
    /// <summary>Writes down a message.</summary>
    internal static ArchivedMessage From(Message message) => new(
        message.SessionId.Value, message.Sequence, message.Id.Value, message.Role.ToWord(), message.Content.Value, message.CreatedAt,
        message.Metadata.Json);

    /// <summary>The message that was written down, or what is wrong with it.</summary>
    internal Result<NumberedMessage> ToNumbered()
    {
        if (MessageRoles.Parse(Role) is not { } role) return ArchiveErrors.Role;
        if (MessageContent.Parse(Content) is not { Error: null } content) return ArchiveErrors.Content;
        if (Domain.Sessions.Metadata.Parse(TextRules.ReplaceUnpairedEscapes(Metadata)) is not { Error: null } metadata) return ArchiveErrors.Metadata;
        if (SessionId == Guid.Empty || Id == Guid.Empty || Sequence < 1) return ArchiveErrors.Numbers;
        var origin = new ImportedMessage(MessageId.From(Id), role, content.Value, metadata.Value, CreatedAt.CutToMicroseconds());
        return new NumberedMessage(Domain.Sessions.SessionId.From(SessionId), Sequence, origin);
    }
}
