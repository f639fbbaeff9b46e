namespace Orion.Domain.Sessions;

/// <summary>The ID of a <see cref="Message"/>, unique within its session.</summary>
public readonly record struct MessageId
{
    private readonly Guid _value;

    private MessageId(Guid value) => _value = Uuids.NotNil(value);

    /// <summary>The UUID.</summary>
    /// <exception cref="ArgumentException">The ID is <c>default(MessageId)</c>.</exception>
    public Guid Value => Uuids.NotNil(_value);

    /// <summary>A new ID: a UUIDv7, which sorts by time.</summary>
    public static MessageId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    /// <summary>A stored ID.</summary>
    public static MessageId From(Guid value) => new(value);

    /// <summary>An ID that no message has: the Max UUID (RFC 9562, section 5.10).</summary>
    public static MessageId Unassigned { get; } = new(Guid.AllBitsSet);

    /// <summary>Parses an ID; null if it is malformed.</summary>
    public static MessageId? Parse(string? text) => Uuids.TryParse(text, out var id) ? new MessageId(id) : null;

    /// <inheritdoc/>
    public override string ToString() => _value.ToString();
}
