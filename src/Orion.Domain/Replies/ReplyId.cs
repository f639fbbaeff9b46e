namespace Orion.Domain.Replies;

/// <summary>The ID of a <see cref="Reply"/>, unique within its session.</summary>
public readonly record struct ReplyId
{
    private readonly Guid _value;

    private ReplyId(Guid value) => _value = Uuids.NotNil(value);

    /// <summary>The UUID.</summary>
    /// <exception cref="ArgumentException">The ID is <c>default(ReplyId)</c>.</exception>
    public Guid Value => Uuids.NotNil(_value);

    /// <summary>A new ID: a UUIDv7, which sorts by time.</summary>
    public static ReplyId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    /// <summary>A stored ID.</summary>
    public static ReplyId From(Guid value) => new(value);

    /// <summary>An ID that no reply has: the Max UUID (RFC 9562, section 5.10).</summary>
    public static ReplyId Unassigned { get; } = new(Guid.AllBitsSet);

    /// <summary>Parses an ID; null if it is malformed.</summary>
    public static ReplyId? Parse(string? text) => Uuids.TryParse(text, out var id) ? new ReplyId(id) : null;

    /// <inheritdoc/>
    public override string ToString() => _value.ToString();
}
