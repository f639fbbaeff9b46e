using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orion.Application.Import.Archive;
using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Application.Export;

/// <summary>
/// A line of an archive (NDJSON). For each user: the start, the sessions, the messages, and the end with their counts. Texts and metadata
/// are the stored ones. Values that Orion derives from messages are omitted; an import derives them again.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(ArchiveStart), "export")]
[JsonDerivedType(typeof(ArchivedSession), "session")]
[JsonDerivedType(typeof(ArchivedMessage), "message")]
[JsonDerivedType(typeof(ArchiveEnd), "end")]
internal abstract record ArchiveLine
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        // An archive is never embedded in HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new InstantConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Parses a line; null if it is not a line of an archive.</summary>
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

    /// <summary>The line without its line break.</summary>
    internal string Write() => JsonSerializer.Serialize(this, Options);
}

/// <summary>A user's first line.</summary>
/// <param name="Format">The version of the format.</param>
/// <param name="UserId">The user's e-mail address.</param>
internal sealed record ArchiveStart(int Format, string UserId) : ArchiveLine
{
    /// <summary>The version that is written and read.</summary>
    internal const int CurrentFormat = 1;
}

/// <summary>A user's last line. A file without it is incomplete.</summary>
/// <param name="Sessions">The number of sessions.</param>
/// <param name="Messages">The number of messages.</param>
/// <param name="UsersToCome">The number of users that follow in the file.</param>
internal sealed record ArchiveEnd(
    int Sessions, long Messages, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int UsersToCome = 0)
    : ArchiveLine;

/// <summary>A session.</summary>
/// <remarks><c>TokensValidFrom</c> is written because earlier versions require it. After an import, all earlier session tokens are rejected.</remarks>
internal sealed record ArchivedSession(
    Guid SessionId,
    int MessageCount,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    long Version,
    DateTimeOffset TokensValidFrom,
    string Metadata,
    string? Title = null,
    DateTimeOffset? ArchivedAt = null,
    DateTimeOffset? ExpiresAt = null) : ArchiveLine
{
    internal static ArchivedSession From(Session session) => new(
        session.Id.Value, session.MessageCount, session.CreatedAt, session.UpdatedAt, session.Version, DateTimeOffset.UnixEpoch,
        session.Metadata.Json, session.Title?.Value, session.ArchivedAt, session.ExpiresAt);

    /// <summary>The session to import, or the error in the line.</summary>
    internal Result<ImportedSession> ToImported()
    {
        // An earlier version accepted blank titles and unpaired surrogates, which this one rejects. Its archives must stay importable.
        var title = Title is null || TextRules.IsBlank(Title) ? null : SessionTitle.Parse(Title);
        if (title?.Error is { } titleError) return titleError;
        if (Domain.Sessions.Metadata.Parse(TextRules.ReplaceUnpairedEscapes(Metadata)) is not { Error: null } metadata) return ArchiveErrors.Metadata;
        if (SessionId == Guid.Empty || MessageCount < 0 || Version < 1) return ArchiveErrors.Numbers;
        return new ImportedSession(
            Domain.Sessions.SessionId.From(SessionId),
            title?.Value,
            metadata.Value,
            MessageCount,
            CreatedAt.TruncateToMicroseconds(),
            // Lists assume that no session changed before it was created.
            (UpdatedAt > CreatedAt ? UpdatedAt : CreatedAt).TruncateToMicroseconds(),
            ArchivedAt?.TruncateToMicroseconds(),
            Version,
            ExpiresAt?.TruncateToMicroseconds());
    }
}

/// <summary>A message.</summary>
internal sealed record ArchivedMessage(
    Guid SessionId, int Sequence, Guid Id, string Role, string Content, DateTimeOffset CreatedAt, string Metadata) : ArchiveLine
{
    internal static ArchivedMessage From(Message message) => new(
        message.SessionId.Value, message.Sequence, message.Id.Value, message.Role.ToName(), message.Content.Value, message.CreatedAt,
        message.Metadata.Json);

    /// <summary>The message to import, or the error in the line.</summary>
    internal Result<NumberedMessage> ToNumbered()
    {
        if (MessageRoles.Parse(Role) is not { Error: null } role) return ArchiveErrors.Role;
        if (MessageContent.Parse(Content) is not { Error: null } content) return ArchiveErrors.Content;
        if (Domain.Sessions.Metadata.Parse(TextRules.ReplaceUnpairedEscapes(Metadata)) is not { Error: null } metadata) return ArchiveErrors.Metadata;
        if (SessionId == Guid.Empty || Id == Guid.Empty || Sequence < 1) return ArchiveErrors.Numbers;
        var message = new ImportedMessage(MessageId.From(Id), role.Value, content.Value, metadata.Value, CreatedAt.TruncateToMicroseconds());
        return new NumberedMessage(Domain.Sessions.SessionId.From(SessionId), Sequence, message);
    }
}
