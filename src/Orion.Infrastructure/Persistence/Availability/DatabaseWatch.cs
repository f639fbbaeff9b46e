using Microsoft.Extensions.Logging;
using Orion.Application.Requests;

namespace Orion.Infrastructure.Persistence.Availability;

/// <summary>
/// The one database check that health, readiness and waiting requests share. While the database is away it goes on checking by
/// itself, so that requests are refused at once and served again without anybody's doing.
/// </summary>
internal sealed partial class DatabaseWatch(IDatabaseConnection connection, TimeProvider clock, ILogger<DatabaseWatch> logger)
    : IDatabaseWatch, IDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<bool>? _check;
    private long _checkedAt;
    private volatile bool _isAway;

    public bool IsAway => _isAway || !_ready.Task.IsCompleted;

    public Task WhenReady => _ready.Task;

    public bool IsLoss(Exception exception) => DatabaseLoss.Is(exception);

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

    /// <summary>From now on requests are let through.</summary>
    internal void BecomeReady() => _ready.TrySetResult();

    // The container calls this once for each service that the object stands for.
    public void Dispose() => _stop.Cancel();

    private async Task<bool> Ask()
    {
        try
        {
            // Bounded from outside: the driver's own limits add up.
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            limit.CancelAfter(AnswerWithin);
            await Task.Run(() => connection.Ping(limit.Token), limit.Token).WaitAsync(AnswerWithin, _stop.Token);
            if (_isAway)
            {
                // What the pool still holds belongs to the database of before.
                connection.ForgetPooled();
                _isAway = false;
                LogBack();
            }

            return true;
        }
        catch (Exception exception)
        {
            if (_stop.IsCancellationRequested) return false;
            if (!_isAway)
            {
                _isAway = true;
                if (_ready.Task.IsCompleted) LogAway(exception.GetBaseException().Message);
                _ = CheckUntilBack();
            }

            return false;
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

    [LoggerMessage(2001, LogLevel.Error, "The database does not answer ({Reason}). Requests get 503 until it does.")]
    private partial void LogAway(string reason);

    [LoggerMessage(2002, LogLevel.Information, "The database answers again.")]
    private partial void LogBack();
}
