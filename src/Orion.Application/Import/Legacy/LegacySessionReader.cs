using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Application.Import.Legacy;

/// <summary>Reads one session of the old service, part by part, as what Orion takes over; what it cannot take it says.</summary>
public sealed class LegacySessionReader
{
    // A first message that is shorter was hardly cut by the old service.
    private const int ShortestPreview = 50;

    private readonly LegacySession _old;
    private readonly Action<ImportWarning, string> _note;
    private readonly DateTimeOffset _createdAt;
    private DateTimeOffset _last;

    /// <summary>Reads the session itself.</summary>
    /// <param name="old">The session's row.</param>
    /// <param name="head">Its first messages.</param>
    /// <param name="note">Is told what was found wrong, with the old id.</param>
    public LegacySessionReader(LegacySession old, IReadOnlyList<LegacyMessage> head, Action<ImportWarning, string> note)
    {
        (_old, _note) = (old, note);
        var said = head.FirstOrDefault(message => message.CreatedAt is not null)?.CreatedAt;
        if ((old.CreatedAt ?? said ?? old.UpdatedAt) is not { } createdAt)
        {
            _note(ImportWarning.SessionWithoutTime, old.Id);
            return;
        }

        _createdAt = createdAt.CutToMicroseconds();
        var id = LegacyIds.OfSession(old.Id, _createdAt);
        var (metadata, remark) = LegacyMetadata.Read(old.Metadata, SessionId.Parse(old.Id) is null ? old.Id : null);
        if (remark is { } wrong) _note(wrong, old.Id);
        var updatedAt = old.UpdatedAt?.CutToMicroseconds() is { } changed && changed > _createdAt ? changed : _createdAt;
        Session = new ImportedSession(id, ReadTitle(head.Count == 0), metadata, 0, _createdAt, updatedAt, null, 1);
        _last = head.Count > 0 && head[0].CreatedAt is { } first && first < _createdAt ? first.CutToMicroseconds() : _createdAt;
    }

    /// <summary>The session to take over; null where it cannot be.</summary>
    public ImportedSession? Session { get; }

    /// <summary>The id of <see cref="ReadFirstMessage"/>'s message, under which it may be here from a time when it had no row of its own.</summary>
    public MessageId StandIn => LegacyIds.OfFirstMessage(_old.Id, _createdAt);

    /// <summary>The first message where the session's row alone has it; null otherwise.</summary>
    /// <param name="head">The session's first messages.</param>
    public ImportedMessage? ReadFirstMessage(IReadOnlyList<LegacyMessage> head)
    {
        var text = _old.FirstMessage.Value;
        if (_old.FirstMessage.IsTooLong)
        {
            // Too long to be compared: a row that is too long as well will be said to be.
            if (!head.Any(message => message.Role == MessageRoles.User)) _note(ImportWarning.TooLong, _old.Id);
            return null;
        }

        if (text is null || TextRules.IsBlank(text)) return null;
        var said = head.FirstOrDefault(message => message.Role == MessageRoles.User);
        if (said is not null && (said.Content.IsTooLong || IsBeginningOf(text, said.Content.Value ?? ""))) return null;
        if (MessageContent.Parse(text) is { Error: null } content)
            return new ImportedMessage(StandIn, MessageRole.User, content.Value, Metadata.Empty, _last);

        _note(ImportWarning.NotStorable, _old.Id);
        return null;
    }

    /// <summary>The message to take over; null where it cannot be.</summary>
    public ImportedMessage? Read(LegacyMessage message)
    {
        var (remark, role, content) = Judge(message);
        if (remark is { } wrong)
        {
            _note(wrong, message.Id ?? "");
            return null;
        }

        // Sorted by time; one without a time stands where it was found.
        if (message.CreatedAt?.CutToMicroseconds() is { } at && at > _last) _last = at;
        var isKept = MessageId.Parse(message.Id) is not null;
        var (metadata, loss) = LegacyMetadata.Read(message.Metadata, isKept ? null : message.Id);
        if (loss is { } lost) _note(lost, message.Id!);
        return new ImportedMessage(LegacyIds.OfMessage(_old.Id, message.Id!, message.CreatedAt ?? _createdAt), role, content!, metadata, _last);
    }

    private static (ImportWarning? ImportWarning, MessageRole Role, MessageContent? Content) Judge(LegacyMessage message)
    {
        if (string.IsNullOrEmpty(message.Id)) return (ImportWarning.MessageWithoutId, default, null);
        if (MessageRoles.Parse(message.Role) is not { } role) return (ImportWarning.OtherRole, default, null);
        if (message.Content.IsTooLong) return (ImportWarning.TooLong, default, null);
        if (string.IsNullOrEmpty(message.Content.Value)) return (ImportWarning.Empty, default, null);
        return MessageContent.Parse(message.Content.Value) is { Error: null } content
            ? (null, role, content.Value)
            : (ImportWarning.NotStorable, default, null);
    }

    private SessionTitle? ReadTitle(bool isEmpty)
    {
        var text = _old.Title;
        if (text is null || TextRules.IsBlank(text)) return null;
        // An empty one that is called as all are at first: its first message will name it.
        if (isEmpty && text == SessionTitle.Default.Value && TextRules.IsBlank(_old.FirstMessage.Value)) return null;
        if (SessionTitle.Parse(text) is { Error: null } title) return title.Value;
        _note(ImportWarning.TitleCut, _old.Id);
        return SessionTitle.Shorten(text);
    }

    private static bool IsBeginningOf(string first, string message)
    {
        var whole = message.Trim();
        var beginning = first.Trim();
        if (beginning == whole) return true;
        var bare = beginning.TrimEnd('.', '…').TrimEnd();
        return bare.Length >= ShortestPreview && whole.StartsWith(bare, StringComparison.Ordinal);
    }
}
