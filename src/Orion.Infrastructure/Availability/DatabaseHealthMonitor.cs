using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orion.Application.Availability;
using Orion.Application.Concurrency;
using Orion.Application.Telemetry;

namespace Orion.Infrastructure.Availability;

/// <summary>
/// The database check that health, readiness and waiting requests share. While the database is unavailable, it repeats the check by itself:
/// requests fail immediately until the database is available again.
/// </summary>
internal sealed partial class DatabaseHealthMonitor(
    IDatabaseConnection connection, DatabaseFailures failures, TimeProvider clock, ILogger<DatabaseHealthMonitor> logger)
    : IDatabaseHealth, IMetricsSource, IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<bool>? _check;
    private long _checkedAt;
    private volatile bool _isUnavailable;
    private Histogram<double>? _duration;

    public bool IsUnavailable => _isUnavailable || !_ready.Task.IsCompleted;

    public Task WhenReady => _ready.Task;

    /// <summary>The exception of the last check; null if it succeeded.</summary>
    internal Exception? Failure { get; private set; }

    // A missing privilege is not a bug in Orion either. The startup does not wait for it, but a running service has no other choice.
    public bool IsTransientError(Exception exception) =>
        TransientErrors.Is(exception) || TransientErrors.StateOf(exception) == PostgresErrorCodes.InsufficientPrivilege;

    // A request waits for this, so the certificate is not retrieved again.
    public string Explain(Exception exception) => DatabaseFailure.Of(exception).ToString();

    public void ReportFailure(Exception exception)
    {
        connection.Reset(exception);
        _ = Check();
    }

    public bool CanRetry(Exception exception, bool isRead) => Retries.Allow(exception, isRead);

    public Task<bool> Check()
    {
        lock (_gate)
        {
            if (_check is null || (_check.IsCompleted && clock.GetElapsedTime(_checkedAt) >= Interval))
            {
                _checkedAt = clock.GetTimestamp();
                _check = RunCheck();
            }

            return _check;
        }
    }

    public void Begin(Meter meter)
    {
        _duration = meter.CreateHistogram(
            "orion.database.check.duration", "s", "Duration of the database check.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2] });
        meter.CreateObservableGauge("orion.database.up", Observe, description: "1 if the last database check succeeded, otherwise 0.");
    }

    /// <summary>Accepts requests from now on.</summary>
    internal void BecomeReady() => _ready.TrySetResult();

    // The container calls this once for each service that it resolves to this object.
    public void Dispose() => _stop.Cancel();

    // Returns the last result and starts a check for the next observation. Without requests, nothing else would start one.
    private int Observe()
    {
        _ = Check();
        return IsUnavailable ? 0 : 1;
    }

    private async Task<bool> RunCheck()
    {
        // The check must not appear in the trace of the request that happens to start it.
        Activity.Current = null;
        var start = clock.GetTimestamp();
        try
        {
            // On a separate thread: in the thread pool it would wait behind a burst of requests, and mistake this process's load for an
            // unavailable database. With a timeout from outside, because the driver's own timeouts add up.
            var isKnown = await Task.Factory.StartNew(connection.Ping, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .WaitAsync(Timeout, _stop.Token);
            // The server responds but has no connection left for the check: the last result is still valid.
            if (!isKnown) return !_isUnavailable;
            Failure = null;
            if (_isUnavailable)
            {
                // The connections in the pool are from before the outage.
                connection.ClearPool();
                _isUnavailable = false;
                LogAvailable();
            }

            return true;
        }
        catch (Exception exception)
        {
            if (_stop.IsCancellationRequested) return false;
            Failure = exception;
            if (!_isUnavailable)
            {
                _isUnavailable = true;
                _ = CheckUntilAvailable();
                if (_ready.Task.IsCompleted) _ = Task.Run(() => LogFailure(exception), CancellationToken.None);
            }

            return false;
        }
        finally
        {
            _duration?.Record(clock.GetElapsedTime(start).TotalSeconds);
        }
    }

    private async Task CheckUntilAvailable()
    {
        try
        {
            while (_isUnavailable)
            {
                await clock.Delay(Interval, _stop.Token);
                await Check();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The process is stopping.
        }
    }

    // Not part of the check, because explaining a certificate takes time.
    private void LogFailure(Exception exception)
    {
        if (exception is DatabaseNotWritableException) LogNotWritable(failures.Explain(exception).ToString());
        else LogUnavailable(failures.Explain(exception).ToString());
    }

    [LoggerMessage(2001, LogLevel.Error, "The database is unavailable. {Reason} Requests get 503 until it is available again.")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(2008, LogLevel.Error, "The database cannot be written. {Reason} Requests get 503 until it can.")]
    private partial void LogNotWritable(string reason);

    [LoggerMessage(2002, LogLevel.Information, "The database is available again.")]
    private partial void LogAvailable();
}
