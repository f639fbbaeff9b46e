using OpenTelemetry.Exporter;

namespace Orion.Api.Telemetry;

/// <summary>What the standard variables say of exporting one kind of signal over OTLP (OpenTelemetry Protocol Exporter, "Configuration Options").</summary>
/// <param name="configuration">Where the variables are.</param>
/// <param name="name"><c>TRACES</c> or <c>METRICS</c>.</param>
internal sealed class OtlpSignal(IConfiguration configuration, string name)
{
    /// <summary>Whether it is exported: an endpoint is named, for this signal or for all, and the exporter is not <c>none</c>.</summary>
    internal bool IsWanted => (Own("ENDPOINT") ?? Given("OTEL_EXPORTER_OTLP_ENDPOINT")) is not null && Given($"OTEL_{name}_EXPORTER") != "none";

    /// <summary>Applies what is said of this signal alone; what is said of all the exporter reads by itself.</summary>
    internal void Apply(OtlpExporterOptions options)
    {
        if (Own("ENDPOINT") is { } endpoint) options.Endpoint = new Uri(endpoint);
        if (Own("HEADERS") is { } headers) options.Headers = headers;
        if (int.TryParse(Own("TIMEOUT"), out var milliseconds)) options.TimeoutMilliseconds = milliseconds;
        options.Protocol = Own("PROTOCOL") switch
        {
            "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            _ => options.Protocol,
        };
    }

    private string? Own(string what) => Given($"OTEL_EXPORTER_OTLP_{name}_{what}");

    private string? Given(string variable) => configuration[variable]?.Trim() is { Length: > 0 } value ? value : null;
}
