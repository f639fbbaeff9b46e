using System.Runtime.InteropServices;

namespace Orion.Cli.Chat;

/// <summary>Ctrl+C first stops the reply that is running, and then ends the command. SIGTERM ends it at once.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _termination;
    private volatile TaskCompletionSource? _stop;

    internal Interrupts()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt);
        _termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTermination);
    }

    /// <summary>Is cancelled when the command must end.</summary>
    internal CancellationToken Ending => _ending.Token;

    /// <summary>A reply begins.</summary>
    /// <returns>Completes when the reply must be stopped.</returns>
    internal Task BeginReply() => (_stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>The reply has ended.</summary>
    internal void EndReply() => _stop = null;

    public void Dispose()
    {
        _interrupt.Dispose();
        _termination.Dispose();
        _ending.Dispose();
    }

    private void OnInterrupt(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (_stop?.TrySetResult() != true) _ending.Cancel();
    }

    private void OnTermination(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _ending.Cancel();
    }
}
