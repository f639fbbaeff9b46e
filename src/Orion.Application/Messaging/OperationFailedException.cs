using MediatR;
using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>
/// An operation of many requests, such as an import, cannot continue because of an expected failure. What it saved before stays saved.
/// </summary>
/// <param name="error">The failure.</param>
public sealed class OperationFailedException(Error error)
    : Exception(error.Members is { } members ? string.Join(" ", members.Values.SelectMany(messages => messages)) : error.Message)
{
    /// <summary>The failure.</summary>
    public Error Error => error;
}

/// <summary>Requests that must succeed.</summary>
public static class DispatcherExtensions
{
    /// <summary>Runs a request that must succeed.</summary>
    /// <exception cref="OperationFailedException">The request failed.</exception>
    public static async Task<T> SendOrThrow<T>(this IDispatcher dispatcher, IRequest<Result<T>> request, CancellationToken cancellationToken)
        where T : notnull
    {
        var result = await dispatcher.Send(request, cancellationToken);
        return result.Error is { } error ? throw new OperationFailedException(error) : result.Value;
    }
}
