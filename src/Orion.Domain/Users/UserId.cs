namespace Orion.Domain.Users;

/// <summary>The id of an <see cref="AuthorizedUser"/>, which is the owner id of the user's data.</summary>
public readonly record struct UserId
{
    private readonly Guid _value;

    private UserId(Guid value) => _value = Uuids.NotNil(value);

    /// <summary>The UUID.</summary>
    /// <exception cref="ArgumentException">This is <c>default(UserId)</c>.</exception>
    public Guid Value => Uuids.NotNil(_value);

    /// <summary>Creates an id: a UUIDv7, ordered by time.</summary>
    public static UserId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    /// <summary>Restores a stored id.</summary>
    public static UserId From(Guid value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => _value.ToString();
}
