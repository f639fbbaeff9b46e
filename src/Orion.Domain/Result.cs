namespace Orion.Domain;

/// <summary>What came of something that may fail in expected ways.</summary>
public interface IOutcome
{
    /// <summary>The failure, or null on success.</summary>
    Error? Error { get; }
}

/// <summary>An outcome that can be made from an error without knowing what it would have held.</summary>
/// <typeparam name="TSelf">The outcome's own type.</typeparam>
public interface IOutcome<out TSelf> : IOutcome
    where TSelf : IOutcome<TSelf>
{
    /// <summary>Makes the failed outcome.</summary>
    static abstract TSelf Failed(Error error);
}

/// <summary>Success, or the <see cref="Domain.Error"/> that prevented it.</summary>
public sealed record Result : IOutcome<Result>
{
    private static readonly Result Succeeded = new((Error?)null);

    private Result(Error? error) => Error = error;

    /// <inheritdoc/>
    public Error? Error { get; }

    /// <summary>The successful outcome.</summary>
    public static Result Success => Succeeded;

    /// <inheritdoc/>
    public static Result Failed(Error error) => new(error);

    /// <summary>An error is a failed outcome.</summary>
    public static implicit operator Result(Error error) => Failed(error);
}

/// <summary>A value, or the <see cref="Domain.Error"/> that prevented it.</summary>
/// <typeparam name="T">What success holds.</typeparam>
public sealed record Result<T> : IOutcome<Result<T>>
    where T : notnull
{
    private readonly T? _value;

    private Result(T? value, Error? error)
    {
        _value = value;
        Error = error;
    }

    /// <inheritdoc/>
    public Error? Error { get; }

    /// <summary>What success holds.</summary>
    /// <exception cref="InvalidOperationException">The outcome is a failure: ask <see cref="Error"/> first.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"There is no value: {Error.Code}.");

    /// <inheritdoc/>
    public static Result<T> Failed(Error error) => new(default, error);

    /// <summary>A value is a successful outcome.</summary>
    /// <exception cref="ArgumentNullException">The value is null, which a nullable analysis cannot always see.</exception>
    public static implicit operator Result<T>(T value) => new(value ?? throw new ArgumentNullException(nameof(value)), null);

    /// <summary>An error is a failed outcome.</summary>
    public static implicit operator Result<T>(Error error) => Failed(error);
}
