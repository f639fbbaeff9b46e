namespace Orion.Infrastructure.Models;

/// <summary>Limits the silence of the model.</summary>
internal sealed class StallLimit(TimeSpan limit, TimeProvider clock)
{
    /// <summary>Waits for the model.</summary>
    /// <exception cref="ModelTimeoutException">The model was silent for too long.</exception>
    public async ValueTask<T> Wait<T>(Func<CancellationToken, ValueTask<T>> operation, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await operation(either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ModelTimeoutException($"The model was silent for {limit.TotalSeconds:0} s.");
        }
    }
}
