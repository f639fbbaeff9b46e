using System.Diagnostics;

namespace Orion.Application.Telemetry;

/// <summary>The names of Orion's metrics and traces.</summary>
public static class OrionTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Orion";

    /// <summary>The source of the spans of use cases.</summary>
    internal static ActivitySource Source { get; } = new(Name);
}
