namespace Orion.Domain.Users;

/// <summary>The ID of an <see cref="AuthorizedUser"/>, which is the owner ID of the user's rows.</summary>
public readonly record struct UserId
{
    private readonly Guid _value;

    private UserId(Guid value) => _value = Uuids.NotNil(value);

    /// <summary>The UUID.</summary>
    /// <exception cref="ArgumentException">The ID is <c>default(UserId)</c>.</exception>
    public Guid Value => Uuids.NotNil(_value);

    /// <summary>A new ID: a UUIDv7, which sorts by time.</summary>
    public static UserId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    /// <summary>A stored ID.</summary>
    public static UserId From(Guid value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => _value.ToString();
}
