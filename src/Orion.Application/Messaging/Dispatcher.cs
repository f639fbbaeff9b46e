using System.Diagnostics;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Availability;
using Orion.Application.Telemetry;
using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>Runs requests: each in a scope of its own, and none longer than the database answers.</summary>
public interface IDispatcher
{
    /// <summary>Runs a request.</summary>
    /// <exception cref="DatabaseUnavailableException">The database is away.</exception>
    Task<TOutcome> Send<TOutcome>(IRequest<TOutcome> request, CancellationToken cancellationToken);
}

/// <summary>
/// A database that hangs holds its callers for as long as the driver's own time limits add up to. So a request that takes
/// longer than usual asks whether the database still answers, and is given up where it does not. Its scope (with the
/// connection) belongs to the work, not to the one who waits for it, and ends when the work does.
/// </summary>
internal sealed class Dispatcher(IServiceScopeFactory scopes, IDatabaseHealth database, TimeProvider clock) : IDispatcher
{
    // Together, and with an answer of the check that is up to a second old, these stay under the contract's 3 s.
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan CheckPatience = TimeSpan.FromSeconds(1);

    // One at a time: each may block its thread for seconds, and the threads of all would be missing where answers are written.
    private static readonly TaskScheduler Cancellations = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;

    public async Task<TOutcome> Send<TOutcome>(IRequest<TOutcome> request, CancellationToken cancellationToken)
    {
        if (database.IsUnavailable) throw new DatabaseUnavailableException();

        var givenUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = OrionTelemetry.Source.HasListeners() ? RunTraced(request, givenUp) : Run(request, givenUp);
        try
        {
            return work.IsCompleted ? await work : await WhileTheDatabaseAnswers(work, givenUp, cancellationToken);
        }
        catch (Exception exception) when (database.IsTransientError(exception))
        {
            // Whether one connection or all of the database is gone, the check tells; nobody waits for it here.
            database.ReportLoss(exception);
            throw new DatabaseUnavailableException(exception);
        }
    }

    private async Task<TOutcome> Run<TOutcome>(IRequest<TOutcome> request, CancellationTokenSource givenUp)
    {
        using (givenUp)
        {
            for (var isRetry = false; ; isRetry = true)
            {
                try
                {
                    await using var scope = scopes.CreateAsyncScope();
                    return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, givenUp.Token);
                }
                catch (Exception exception) when (!isRetry && !givenUp.IsCancellationRequested && database.CanRetry(exception, request is not ITransactionalRequest))
                {
                    // Two that waited for each other, or a connection of the pool that was dead: once more, in a scope of its own.
                }
            }
        }
    }

    // A span for each use case, by its name: nothing of what is in a request is in its trace.
    private async Task<TOutcome> RunTraced<TOutcome>(IRequest<TOutcome> request, CancellationTokenSource givenUp)
    {
        using var span = OrionTelemetry.Source.StartActivity(request.GetType().Name);
        try
        {
            var outcome = await Run(request, givenUp);
            if (outcome is IOutcome { Error: { } error }) span?.SetTag("error.type", error.Code);
            return outcome;
        }
        catch (Exception exception)
        {
            span?.SetTag("error.type", exception.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    private async Task<TOutcome> WhileTheDatabaseAnswers<TOutcome>(
        Task<TOutcome> work, CancellationTokenSource givenUp, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await work.WaitAsync(Timeout, clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                // It may have ended in this very moment; a time limit of its own is then thrown from here.
                if (work.IsCompleted) return await work;
                if (await DatabaseAnswers() || work.IsCompleted) continue;
                Abandon(work, givenUp);
                throw new DatabaseUnavailableException();
            }
            catch (OperationCanceledException) when (!work.IsCompleted)
            {
                Abandon(work, givenUp);
                throw;
            }
        }
    }

    // A check that has just begun may take as long as its own limit; whoever waits here has waited before.
    private async Task<bool> DatabaseAnswers()
    {
        try
        {
            return await database.Check().WaitAsync(CheckPatience, clock);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static void Abandon(Task work, CancellationTokenSource givenUp)
    {
        // What it fails with later is of no interest to anybody.
        _ = work.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

        // Not waited for: a driver's cancellation may itself wait for the database. What it throws is the driver's affair.
        _ = Task.Factory.StartNew(givenUp.Cancel, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Cancellations).ContinueWith(
            static cancelled => cancelled.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
