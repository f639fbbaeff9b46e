namespace Orion.Domain.Sessions;

/// <summary>The ID of a <see cref="Session"/>, unique within its owner.</summary>
public readonly record struct SessionId
{
    private readonly Guid _value;

    private SessionId(Guid value) => _value = Uuids.NotNil(value);

    /// <summary>The UUID.</summary>
    /// <exception cref="ArgumentException">The ID is <c>default(SessionId)</c>.</exception>
    public Guid Value => Uuids.NotNil(_value);

    /// <summary>A new ID: a UUIDv7, which sorts by time.</summary>
    public static SessionId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    /// <summary>A stored ID.</summary>
    public static SessionId From(Guid value) => new(value);

    /// <summary>An ID that no session has: the Max UUID (RFC 9562, section 5.10).</summary>
    public static SessionId Unassigned { get; } = new(Guid.AllBitsSet);

    /// <summary>Parses an ID; null if it is malformed.</summary>
    public static SessionId? Parse(string? text) => Uuids.TryParse(text, out var id) ? new SessionId(id) : null;

    /// <summary>The order in which lists break ties.</summary>
    public static bool operator <(SessionId left, SessionId right) => left._value < right._value;

    /// <summary>The order in which lists break ties.</summary>
    public static bool operator >(SessionId left, SessionId right) => left._value > right._value;

    /// <inheritdoc/>
    public override string ToString() => _value.ToString();
}
