using System.Diagnostics;

namespace Orion.Application.Telemetry;

/// <summary>What Orion calls itself to those who watch it.</summary>
public static class OrionTelemetry
{
    /// <summary>The name of its meter and of its source of traces.</summary>
    public const string Name = "Orion";

    /// <summary>Where the spans of use cases come from.</summary>
    internal static ActivitySource Source { get; } = new(Name);
}
