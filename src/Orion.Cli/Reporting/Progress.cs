using System.Globalization;
using Orion.Cli.Execution;

namespace Orion.Cli.Reporting;

/// <summary>A progress bar on standard error, if that is a terminal.</summary>
internal sealed class Progress(Terminal terminal, TimeProvider clock, string unit) : IProgress<(long Done, long Total)>, IDisposable
{
    private const int BarLength = 30;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly long _started = clock.GetTimestamp();
    private long _shownAt;
    private int _length;

    /// <summary>Shows the progress, at most a few times a second.</summary>
    public void Report((long Done, long Total) value)
    {
        if (!terminal.IsErrorTerminal || (_length > 0 && clock.GetElapsedTime(_shownAt) < Interval)) return;
        _shownAt = clock.GetTimestamp();
        var part = value.Total <= 0 ? 1 : Math.Min(1, (double)value.Done / value.Total);
        var full = (int)(part * BarLength);
        var rate = value.Done / Math.Max(0.001, clock.GetElapsedTime(_started).TotalSeconds);
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"[{new string('#', full)}{new string('.', BarLength - full)}] {part,4:P0} {value.Done:N0} of {value.Total:N0} {unit}, {rate:N0}/s");
        terminal.Error.Write('\r' + line.PadRight(_length));
        terminal.Error.Flush();
        _length = line.Length;
    }

    /// <summary>Erases the bar.</summary>
    public void Dispose()
    {
        if (_length == 0) return;
        terminal.Error.Write('\r' + new string(' ', _length) + '\r');
        terminal.Error.Flush();
        _length = 0;
    }
}
