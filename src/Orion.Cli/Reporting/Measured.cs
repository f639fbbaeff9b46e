using System.Globalization;

namespace Orion.Cli.Reporting;

/// <summary>Measured values with their units.</summary>
internal static class Measured
{
    private const double Mebibyte = 1 << 20;

    /// <summary>Returns <c>1.5 ms</c>.</summary>
    internal static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");

    /// <summary>Returns <c>1.5 MiB</c>.</summary>
    internal static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / Mebibyte:0.0} MiB");
}
