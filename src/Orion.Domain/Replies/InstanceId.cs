namespace Orion.Domain.Replies;

/// <summary>The ID of one process of the service, created when it starts.</summary>
public readonly record struct InstanceId
{
    private readonly Guid _value;

    private InstanceId(Guid value) => _value = Uuids.NotNil(value);

    /// <summary>The UUID.</summary>
    /// <exception cref="ArgumentException">The ID is <c>default(InstanceId)</c>.</exception>
    public Guid Value => Uuids.NotNil(_value);

    /// <summary>A new ID.</summary>
    public static InstanceId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    /// <summary>A stored ID.</summary>
    public static InstanceId From(Guid value) => new(value);
}
