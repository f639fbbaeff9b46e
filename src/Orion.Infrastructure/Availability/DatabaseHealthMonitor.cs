using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orion.Application.Availability;
using Orion.Application.Telemetry;

namespace Orion.Infrastructure.Availability;

/// <summary>
/// The one database check that health, readiness and waiting requests share. While the database is away it goes on checking by
/// itself, so that requests are refused at once and served again without anybody's doing.
/// </summary>
internal sealed partial class DatabaseHealthMonitor(
    IDatabaseConnection connection, DatabaseFailures failures, TimeProvider clock, ILogger<DatabaseHealthMonitor> logger)
    : IDatabaseHealth, IMetricsSource, IDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<bool>? _check;
    private long _checkedAt;
    private volatile bool _isAway;
    private Histogram<double>? _duration;

    public bool IsUnavailable => _isAway || !_ready.Task.IsCompleted;

    public Task WhenReady => _ready.Task;

    /// <summary>What the last check failed with; null where it did not.</summary>
    internal Exception? Failure { get; private set; }

    // A right that is missing is no defect of Orion's either; to wait for it at start is of no use, at work it is all that is left.
    public bool IsTransientError(Exception exception) =>
        TransientErrors.Is(exception) || TransientErrors.StateOf(exception) == PostgresErrorCodes.InsufficientPrivilege;

    // A request waits for it: the server is not asked about its certificate.
    public string Explain(Exception exception) => DatabaseFailure.Of(exception).ToString();

    public void ReportLoss(Exception loss)
    {
        connection.Renew(loss);
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
                _check = Ask();
            }

            return _check;
        }
    }

    public void Begin(Meter meter)
    {
        _duration = meter.CreateHistogram(
            "orion.database.check.duration", "s", "How long a check of the database took.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2] });
        meter.CreateObservableGauge("orion.database.up", Look, description: "Whether the database answered when it was asked last: 1, or 0.");
    }

    /// <summary>From now on requests are let through.</summary>
    internal void BecomeReady() => _ready.TrySetResult();

    // The container calls this once for each service that the object stands for.
    public void Dispose() => _stop.Cancel();

    // Whoever looks sees the last answer, and has it asked anew for the next look: without requests nobody else would.
    private int Look()
    {
        _ = Check();
        return IsUnavailable ? 0 : 1;
    }

    private async Task<bool> Ask()
    {
        // The check is nobody's request, and must not be in the trace of the one that happened to start it.
        Activity.Current = null;
        var start = clock.GetTimestamp();
        try
        {
            // On a thread of its own: in the pool it would wait behind the requests of a rush, and take this process's business for the
            // database's. Bounded from outside: the driver's own limits add up.
            var answers = await Task.Factory.StartNew(connection.Ping, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .WaitAsync(AnswerWithin, _stop.Token);
            // A server that has no connection left for the check answers: it is as it was found before.
            if (!answers) return !_isAway;
            Failure = null;
            if (_isAway)
            {
                // What the pool still holds belongs to the database of before.
                connection.ClearPool();
                _isAway = false;
                LogBack();
            }

            return true;
        }
        catch (Exception exception)
        {
            if (_stop.IsCancellationRequested) return false;
            Failure = exception;
            if (!_isAway)
            {
                _isAway = true;
                _ = CheckUntilBack();
                if (_ready.Task.IsCompleted) _ = Task.Run(() => LogFailure(exception), CancellationToken.None);
            }

            return false;
        }
        finally
        {
            _duration?.Record(clock.GetElapsedTime(start).TotalSeconds);
        }
    }

    private async Task CheckUntilBack()
    {
        try
        {
            while (_isAway)
            {
                await Task.Delay(Interval, clock, _stop.Token);
                await Check();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The process stops.
        }
    }

    // Beside the check: to explain a certificate takes time.
    private void LogFailure(Exception exception)
    {
        if (exception is DatabaseNotWritableException) LogNotWritable(failures.Explain(exception).ToString());
        else LogAway(failures.Explain(exception).ToString());
    }

    [LoggerMessage(2001, LogLevel.Error, "The database does not answer. {Reason} Requests get 503 until it does.")]
    private partial void LogAway(string reason);

    [LoggerMessage(2008, LogLevel.Error, "The database cannot be written. {Reason} Requests get 503 until it can.")]
    private partial void LogNotWritable(string reason);

    [LoggerMessage(2002, LogLevel.Information, "The database answers again.")]
    private partial void LogBack();
}
