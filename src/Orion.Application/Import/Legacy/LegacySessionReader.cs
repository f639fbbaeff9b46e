using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Application.Import.Legacy;

/// <summary>Converts one legacy session, part by part, and warns about data that it cannot convert.</summary>
internal sealed class LegacySessionReader
{
    // The legacy service did not truncate shorter first messages.
    private const int ShortestPreview = 50;

    private readonly LegacySession _source;
    private readonly Action<ImportWarning, string> _warn;
    private readonly DateTimeOffset _createdAt;
    private DateTimeOffset _last;

    /// <summary>Converts the session's row.</summary>
    /// <param name="source">The row.</param>
    /// <param name="head">The first messages.</param>
    /// <param name="warn">Receives warnings, each with the legacy id.</param>
    internal LegacySessionReader(LegacySession source, IReadOnlyList<LegacyMessage> head, Action<ImportWarning, string> warn)
    {
        (_source, _warn) = (source, warn);
        var firstTime = head.FirstOrDefault(message => message.CreatedAt is not null)?.CreatedAt;
        if ((source.CreatedAt ?? firstTime ?? source.UpdatedAt) is not { } createdAt)
        {
            _warn(ImportWarning.SessionWithoutTime, source.Id);
            return;
        }

        _createdAt = createdAt.TruncateToMicroseconds();
        var id = LegacyIds.OfSession(source.Id, _createdAt);
        var (metadata, warning) = LegacyMetadata.Read(source.Metadata, SessionId.Parse(source.Id) is null ? source.Id : null);
        if (warning is { } metadataWarning) _warn(metadataWarning, source.Id);
        var updatedAt = source.UpdatedAt?.TruncateToMicroseconds() is { } changed && changed > _createdAt ? changed : _createdAt;
        Session = new ImportedSession(id, ReadTitle(head.Count == 0), metadata, 0, _createdAt, updatedAt, null, 1);
        _last = head.Count > 0 && head[0].CreatedAt is { } first && first < _createdAt ? first.TruncateToMicroseconds() : _createdAt;
    }

    /// <summary>The session to import; null if it cannot be imported.</summary>
    internal ImportedSession? Session { get; }

    /// <summary>
    /// The id of the message from <see cref="ReadFirstMessage"/>. An earlier import used it if the message did not have its own row then.
    /// </summary>
    internal MessageId FallbackId => LegacyIds.OfFirstMessage(_source.Id, _createdAt);

    /// <summary>The first message if only the session's row contains it; otherwise null.</summary>
    /// <param name="head">The first messages.</param>
    internal ImportedMessage? ReadFirstMessage(IReadOnlyList<LegacyMessage> head)
    {
        var text = _source.FirstMessage.Value;
        var first = head.FirstOrDefault(message => message.Role == MessageRoles.User);
        if (_source.FirstMessage.IsTooLong)
        {
            // It cannot be compared. A message row with the same text causes its own warning.
            if (first is null) _warn(ImportWarning.TooLong, _source.Id);
            return null;
        }

        if (text is null || TextRules.IsBlank(text)) return null;
        if (first is not null && (first.Content.IsTooLong || IsBeginningOf(text, first.Content.Value ?? ""))) return null;
        if (MessageContent.Parse(text) is { Error: null } content)
            return new ImportedMessage(FallbackId, MessageRole.User, content.Value, Metadata.Empty, _last);

        _warn(ImportWarning.NotStorable, _source.Id);
        return null;
    }

    /// <summary>Converts a message; null if it cannot be imported.</summary>
    internal ImportedMessage? Read(LegacyMessage message)
    {
        var (warning, role, content) = Check(message);
        if (warning is { } contentWarning)
        {
            _warn(contentWarning, message.Id ?? "");
            return null;
        }

        // Messages are sorted by time. A message without a time gets the time of the previous one.
        if (message.CreatedAt?.TruncateToMicroseconds() is { } at && at > _last) _last = at;
        var keepsId = MessageId.Parse(message.Id) is not null;
        var (metadata, metadataWarning) = LegacyMetadata.Read(message.Metadata, keepsId ? null : message.Id);
        if (metadataWarning is { } lossWarning) _warn(lossWarning, message.Id!);
        return new ImportedMessage(LegacyIds.OfMessage(_source.Id, message.Id!, message.CreatedAt ?? _createdAt), role, content!, metadata, _last);
    }

    private static (ImportWarning? Warning, MessageRole Role, MessageContent? Content) Check(LegacyMessage message)
    {
        if (string.IsNullOrEmpty(message.Id)) return (ImportWarning.MessageWithoutId, default, null);
        if (MessageRoles.Parse(message.Role) is not { Error: null } role) return (ImportWarning.OtherRole, default, null);
        if (message.Content.IsTooLong) return (ImportWarning.TooLong, default, null);
        if (string.IsNullOrEmpty(message.Content.Value)) return (ImportWarning.Empty, default, null);
        return MessageContent.Parse(message.Content.Value) is { Error: null } content
            ? (null, role.Value, content.Value)
            : (ImportWarning.NotStorable, default, null);
    }

    private SessionTitle? ReadTitle(bool isEmpty)
    {
        var text = _source.Title;
        if (text is null || TextRules.IsBlank(text)) return null;
        // An empty session with the default title is named after its first message.
        if (isEmpty && text == SessionTitle.Default.Value && TextRules.IsBlank(_source.FirstMessage.Value)) return null;
        if (SessionTitle.Parse(text) is { Error: null } title) return title.Value;
        _warn(ImportWarning.TitleCut, _source.Id);
        return SessionTitle.Shorten(text);
    }

    private static bool IsBeginningOf(string preview, string message)
    {
        var whole = message.Trim();
        var beginning = preview.Trim();
        if (beginning == whole) return true;
        var withoutEllipsis = beginning.TrimEnd('.', '…').TrimEnd();
        return withoutEllipsis.Length >= ShortestPreview && whole.StartsWith(withoutEllipsis, StringComparison.Ordinal);
    }
}
