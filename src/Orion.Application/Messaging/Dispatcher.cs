using System.Diagnostics;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Availability;
using Orion.Application.Telemetry;
using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>Runs each request in its own scope, and abandons it if the database stops responding.</summary>
public interface IDispatcher
{
    /// <summary>Runs a request.</summary>
    /// <exception cref="DatabaseUnavailableException">The database is unavailable.</exception>
    Task<TOutcome> Send<TOutcome>(IRequest<TOutcome> request, CancellationToken cancellationToken);
}

/// <summary>
/// If the database hangs, the driver's timeouts add up to many seconds. A request that takes longer than usual therefore checks whether the
/// database responds, and is abandoned if it does not. The work owns its scope and its connection: they are disposed when the work ends,
/// even if its caller no longer waits for it.
/// </summary>
internal sealed class Dispatcher(IServiceScopeFactory scopes, IDatabaseHealth database, TimeProvider clock) : IDispatcher
{
    // Together, and with a check result that is up to one second old, these stay under 3 s.
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(1);

    // One cancellation at a time. Each can block its thread for seconds, and together they would starve the thread pool.
    private static readonly TaskScheduler CancellationScheduler = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;

    public async Task<TOutcome> Send<TOutcome>(IRequest<TOutcome> request, CancellationToken cancellationToken)
    {
        if (database.IsUnavailable) throw new DatabaseUnavailableException();

        var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = OrionTelemetry.Source.HasListeners() ? RunTraced(request, abandoned) : Run(request, abandoned);
        try
        {
            return work.IsCompleted ? await work : await WaitWhileDatabaseResponds(work, abandoned, cancellationToken);
        }
        catch (Exception exception) when (database.IsTransientError(exception))
        {
            // The check determines whether one connection or the whole database is lost. The request does not wait for it.
            database.ReportFailure(exception);
            throw new DatabaseUnavailableException(exception);
        }
    }

    private async Task<TOutcome> Run<TOutcome>(IRequest<TOutcome> request, CancellationTokenSource abandoned)
    {
        using (abandoned)
        {
            for (var isRetry = false; ; isRetry = true)
            {
                try
                {
                    await using var scope = scopes.CreateAsyncScope();
                    return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, abandoned.Token);
                }
                catch (Exception exception) when (!isRetry && !abandoned.IsCancellationRequested && database.CanRetry(exception, request is not ITransactionalRequest))
                {
                    // A deadlock, or a dead connection of the pool. Retries once, in a new scope.
                    database.ReportFailure(exception);
                }
            }
        }
    }

    // One span for each use case, with its name. It contains no data of the request.
    private async Task<TOutcome> RunTraced<TOutcome>(IRequest<TOutcome> request, CancellationTokenSource abandoned)
    {
        using var span = OrionTelemetry.Source.StartActivity(request.GetType().Name);
        try
        {
            var outcome = await Run(request, abandoned);
            if (outcome is IOutcome { Error: { } error }) span?.SetTag("error.type", error.Code);
            return outcome;
        }
        catch (Exception exception)
        {
            span?.SetTag("error.type", exception.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    private async Task<TOutcome> WaitWhileDatabaseResponds<TOutcome>(
        Task<TOutcome> work, CancellationTokenSource abandoned, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await work.WaitAsync(Timeout, clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                // The work may have ended at the same moment, with its own TimeoutException.
                if (work.IsCompleted) return await work;
                if (await DatabaseResponds() || work.IsCompleted) continue;
                Abandon(work, abandoned);
                throw new DatabaseUnavailableException();
            }
            catch (OperationCanceledException) when (!work.IsCompleted)
            {
                Abandon(work, abandoned);
                throw;
            }
        }
    }

    // A check that has just started can take longer than the request can wait.
    private async Task<bool> DatabaseResponds()
    {
        try
        {
            return await database.Check().WaitAsync(CheckTimeout, clock);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static void Abandon(Task work, CancellationTokenSource abandoned)
    {
        // Observes the exception of the abandoned work.
        _ = work.ContinueWith(static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

        // Not awaited, because the driver's cancellation can wait for the database, too.
        _ = Task.Factory.StartNew(abandoned.Cancel, CancellationToken.None, TaskCreationOptions.DenyChildAttach, CancellationScheduler).ContinueWith(
            static cancelled => cancelled.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
