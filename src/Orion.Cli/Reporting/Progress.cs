using System.Globalization;
using Orion.Cli.Execution;

namespace Orion.Cli.Reporting;

/// <summary>A bar on standard error for whoever waits; where that is no terminal, nothing.</summary>
internal sealed class Progress(Terminal terminal, TimeProvider clock, string what) : IDisposable
{
    private const int BarLength = 30;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly long _begun = clock.GetTimestamp();
    private long _shownAt;
    private int _length;

    /// <summary>Shows how far it is, a few times a second at the most.</summary>
    /// <param name="done">How much is done.</param>
    /// <param name="of">How much there is.</param>
    internal void Show(long done, long of)
    {
        if (!terminal.IsErrorTerminal || (_length > 0 && clock.GetElapsedTime(_shownAt) < Interval)) return;
        _shownAt = clock.GetTimestamp();
        var part = of <= 0 ? 1 : Math.Min(1, (double)done / of);
        var full = (int)(part * BarLength);
        var rate = done / Math.Max(0.001, clock.GetElapsedTime(_begun).TotalSeconds);
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"[{new string('#', full)}{new string('.', BarLength - full)}] {part,4:P0} {done:N0} of {of:N0} {what}, {rate:N0}/s");
        terminal.Error.Write('\r' + line.PadRight(_length));
        terminal.Error.Flush();
        _length = line.Length;
    }

    /// <summary>Takes the bar away: what follows begins on a clean line.</summary>
    public void Dispose()
    {
        if (_length == 0) return;
        terminal.Error.Write('\r' + new string(' ', _length) + '\r');
        terminal.Error.Flush();
        _length = 0;
    }
}
