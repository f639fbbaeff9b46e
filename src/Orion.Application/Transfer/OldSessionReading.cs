using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Application.Transfer;

/// <summary>Reads one session of the old service, part by part, as what Orion takes over; what it cannot take it says.</summary>
public sealed class OldSessionReading
{
    // A first message that is shorter was hardly cut by the old service.
    private const int ShortestPreview = 50;

    private readonly OldSession _old;
    private readonly Action<Remark, string> _note;
    private readonly DateTimeOffset _createdAt;
    private DateTimeOffset _last;

    /// <summary>Reads the session itself.</summary>
    /// <param name="old">The session's row.</param>
    /// <param name="head">Its first messages.</param>
    /// <param name="note">Is told what was found wrong, with the old id.</param>
    public OldSessionReading(OldSession old, IReadOnlyList<OldMessage> head, Action<Remark, string> note)
    {
        (_old, _note) = (old, note);
        var said = head.FirstOrDefault(message => message.CreatedAt is not null)?.CreatedAt;
        if ((old.CreatedAt ?? said ?? old.UpdatedAt) is not { } createdAt)
        {
            _note(Remark.SessionWithoutTime, old.Id);
            return;
        }

        _createdAt = createdAt.CutToMicroseconds();
        var id = OldIds.OfSession(old.Id, _createdAt);
        var (metadata, remark) = OldMetadata.Read(old.Metadata, SessionId.Parse(old.Id) is null ? old.Id : null);
        if (remark is { } wrong) _note(wrong, old.Id);
        var updatedAt = old.UpdatedAt?.CutToMicroseconds() is { } changed && changed > _createdAt ? changed : _createdAt;
        Session = new SessionOrigin(id, ReadTitle(head.Count == 0), metadata, 0, _createdAt, updatedAt, null, 1);
        _last = head.Count > 0 && head[0].CreatedAt is { } first && first < _createdAt ? first.CutToMicroseconds() : _createdAt;
    }

    /// <summary>The session to take over; null where it cannot be.</summary>
    public SessionOrigin? Session { get; }

    /// <summary>The id of <see cref="ReadFirstMessage"/>'s message, under which it may be here from a time when it had no row of its own.</summary>
    public MessageId StandIn => OldIds.OfFirstMessage(_old.Id, _createdAt);

    /// <summary>The first message where the session's row alone has it; null otherwise.</summary>
    /// <param name="head">The session's first messages.</param>
    public MessageOrigin? ReadFirstMessage(IReadOnlyList<OldMessage> head)
    {
        var text = _old.FirstMessage.Value;
        if (_old.FirstMessage.IsTooLong)
        {
            // Too long to be compared: a row that is too long as well will be said to be.
            if (!head.Any(message => message.Role == MessageRoles.User)) _note(Remark.TooLong, _old.Id);
            return null;
        }

        if (text is null || TextRules.IsBlank(text)) return null;
        var said = head.FirstOrDefault(message => message.Role == MessageRoles.User);
        if (said is not null && (said.Content.IsTooLong || IsBeginningOf(text, said.Content.Value ?? ""))) return null;
        if (MessageContent.Parse(text) is { Error: null } content)
            return new MessageOrigin(StandIn, MessageRole.User, content.Value, Metadata.Empty, _last);

        _note(Remark.NotStorable, _old.Id);
        return null;
    }

    /// <summary>The message to take over; null where it cannot be.</summary>
    public MessageOrigin? Read(OldMessage message)
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
        var (metadata, loss) = OldMetadata.Read(message.Metadata, isKept ? null : message.Id);
        if (loss is { } lost) _note(lost, message.Id!);
        return new MessageOrigin(OldIds.OfMessage(_old.Id, message.Id!, message.CreatedAt ?? _createdAt), role, content!, metadata, _last);
    }

    private static (Remark? Remark, MessageRole Role, MessageContent? Content) Judge(OldMessage message)
    {
        if (string.IsNullOrEmpty(message.Id)) return (Remark.MessageWithoutId, default, null);
        if (MessageRoles.Parse(message.Role) is not { } role) return (Remark.OtherRole, default, null);
        if (message.Content.IsTooLong) return (Remark.TooLong, default, null);
        if (string.IsNullOrEmpty(message.Content.Value)) return (Remark.Empty, default, null);
        return MessageContent.Parse(message.Content.Value) is { Error: null } content
            ? (null, role, content.Value)
            : (Remark.NotStorable, default, null);
    }

    private SessionTitle? ReadTitle(bool isEmpty)
    {
        var text = _old.Title;
        if (text is null || TextRules.IsBlank(text)) return null;
        // An empty one that is called as all are at first: its first message will name it.
        if (isEmpty && text == SessionTitle.Default.Value && TextRules.IsBlank(_old.FirstMessage.Value)) return null;
        if (SessionTitle.Parse(text) is { Error: null } title) return title.Value;
        _note(Remark.TitleCut, _old.Id);
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
