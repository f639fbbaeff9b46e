namespace Orion.Domain;

/// <summary>The outcome of an operation that can fail in expected ways.</summary>
public interface IOutcome
{
    /// <summary>The error; null on success.</summary>
    Error? Error { get; }
}

/// <summary>An outcome that can be created from an error.</summary>
/// <typeparam name="TSelf">The outcome's own type.</typeparam>
public interface IOutcome<out TSelf> : IOutcome
    where TSelf : IOutcome<TSelf>
{
    /// <summary>Creates the failed outcome.</summary>
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

    /// <summary>Converts an error to a failed outcome.</summary>
    public static implicit operator Result(Error error) => Failed(error);
}

/// <summary>A value, or the <see cref="Domain.Error"/> that prevented it.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
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

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">The operation failed.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"The outcome has no value: {Error.Code}.");

    /// <inheritdoc/>
    public static Result<T> Failed(Error error) => new(default, error);

    /// <summary>Converts a value to a successful outcome.</summary>
    /// <exception cref="ArgumentNullException">The value is null. Nullable analysis cannot detect this in every case.</exception>
    public static implicit operator Result<T>(T value) => new(value ?? throw new ArgumentNullException(nameof(value)), null);

    /// <summary>Converts an error to a failed outcome.</summary>
    public static implicit operator Result<T>(Error error) => Failed(error);
}
