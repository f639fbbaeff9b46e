using OpenTelemetry.Exporter;

namespace Orion.Api.Telemetry;

/// <summary>The OTLP export of one signal, from the standard variables (OpenTelemetry Protocol Exporter, "Configuration Options").</summary>
/// <param name="configuration">The configuration with the variables.</param>
/// <param name="name"><c>TRACES</c> or <c>METRICS</c>.</param>
internal sealed class OtlpSignal(IConfiguration configuration, string name)
{
    /// <summary>Whether the signal is exported: an endpoint is set, for this signal or for all, and the exporter is not <c>none</c>.</summary>
    internal bool IsEnabled => (OfSignal("ENDPOINT") ?? Read("OTEL_EXPORTER_OTLP_ENDPOINT")) is not null && Read($"OTEL_{name}_EXPORTER") != "none";

    /// <summary>Applies the variables for this signal. The exporter itself reads those for all signals.</summary>
    internal void Apply(OtlpExporterOptions options)
    {
        if (OfSignal("ENDPOINT") is { } endpoint) options.Endpoint = new Uri(endpoint);
        if (OfSignal("HEADERS") is { } headers) options.Headers = headers;
        if (int.TryParse(OfSignal("TIMEOUT"), out var milliseconds)) options.TimeoutMilliseconds = milliseconds;
        options.Protocol = OfSignal("PROTOCOL") switch
        {
            "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            _ => options.Protocol,
        };
    }

    private string? OfSignal(string option) => Read($"OTEL_EXPORTER_OTLP_{name}_{option}");

    private string? Read(string variable) => configuration[variable]?.Trim() is { Length: > 0 } value ? value : null;
}
