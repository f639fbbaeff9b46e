using System.Globalization;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>
/// Checks the standard variables of OpenTelemetry. Its SDK reads them by itself, and ignores invalid values or throws.
/// </summary>
internal static class TelemetryRules
{
    private static readonly NumberRange PositiveNumbers = new(1, int.MaxValue);
    private static readonly string[] Signals = ["", "TRACES_", "METRICS_"];
    private static readonly string[] Protocols = ["grpc", "http/protobuf"];
    private static readonly string[] Samplers =
        ["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"];

    private static readonly string[] Positive =
    [
        "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT",
        "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    ];

    private static readonly string[] NotNegative =
    [
        "OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "OTEL_SPAN_EVENT_COUNT_LIMIT", "OTEL_SPAN_LINK_COUNT_LIMIT", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
    ];

    public static void Check(SettingsCheck check)
    {
        foreach (var signal in Signals)
        {
            CheckWith(check, $"OTEL_EXPORTER_OTLP_{signal}ENDPOINT", Endpoint);
            CheckWith(check, $"OTEL_EXPORTER_OTLP_{signal}HEADERS", Headers);
            CheckWith(check, $"OTEL_EXPORTER_OTLP_{signal}PROTOCOL", (_, value) => OneOf(value, Protocols));
        }

        foreach (var variable in Positive) CheckWith(check, variable, (_, value) => Number(value, PositiveNumbers));
        foreach (var variable in NotNegative) CheckWith(check, variable, (_, value) => Number(value, new(0, int.MaxValue)));
        CheckWith(check, "OTEL_TRACES_SAMPLER", (_, value) => OneOf(value, Samplers));
        CheckWith(check, "OTEL_TRACES_SAMPLER_ARG", (_, value) => Ratio(value));
        CheckBatch(check);
        CheckCertificates(check);
    }

    private static void CheckWith(SettingsCheck check, string variable, Func<string, string, SettingError?> rule)
    {
        if (check.FirstOf(variable) is { } found && rule(variable, found.Value) is { } error) check.AddProblem(variable, error, found.Place);
    }

    private static SettingError? Endpoint(string variable, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? null
            : new("is not the URL of a collector", $"Set it to a full URL, for example {variable}=http://127.0.0.1:4317.");

    // Name and value as in HTTP (RFC 9110, section 5.1), each percent-encoded.
    private static SettingError? Headers(string variable, string value)
    {
        foreach (var pair in value.Split(','))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : Uri.UnescapeDataString(pair[..equals]).Trim();
            var isName = name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
            if (!isName || Uri.UnescapeDataString(pair[(equals + 1)..]).Any(char.IsControl))
                return new("is not a list of headers", $"Use name=value pairs, comma-separated and percent-encoded, for example {variable}=authorization=Basic%20dXNlcjpw.");
        }

        return null;
    }

    private static SettingError? OneOf(string value, string[] allowed) =>
        allowed.Contains(value, StringComparer.Ordinal) ? null : new("has an unknown value", $"Use {string.Join(", ", allowed[..^1])} or {allowed[^1]}.");

    private static SettingError? Number(string value, NumberRange range) =>
        range.TryParse(value, out _) ? null : new($"is not a whole number from {range}", "Use only digits. Times are in milliseconds.");

    private static SettingError? Ratio(string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ratio) && ratio <= 1
            ? null
            : new("is not a number from 0 to 1", "Use, for example, 0.25.");

    private static void CheckBatch(SettingsCheck check)
    {
        const string size = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE";
        var batch = Value(size, defaultValue: 512);
        if (batch > Value("OTEL_BSP_MAX_QUEUE_SIZE", defaultValue: 2048))
        {
            var place = (check.FirstOf(size) ?? check.FirstOf("OTEL_BSP_MAX_QUEUE_SIZE"))!.Value.Place;
            check.AddProblem(size, new("is larger than OTEL_BSP_MAX_QUEUE_SIZE", "Set both, with a queue at least as large as the batch. The defaults are 2048 and 512."), place);
        }

        int Value(string variable, int defaultValue) =>
            check.FirstOf(variable) is { } found && PositiveNumbers.TryParse(found.Value, out var number) ? number : defaultValue;
    }

    private static void CheckCertificates(SettingsCheck check)
    {
        const string certificate = "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE";
        const string key = "OTEL_EXPORTER_OTLP_CLIENT_KEY";
        CheckWith(check, "OTEL_EXPORTER_OTLP_CERTIFICATE", (_, path) => CertificateRules.CheckTrusted(Path.GetFullPath(path, check.WorkingDirectory)));
        if (check.FirstOf(certificate) is { } own)
        {
            if (check.FirstOf(key) is { } ownKey)
            {
                var error = CertificateRules.CheckPair(
                    Path.GetFullPath(own.Value, check.WorkingDirectory), Path.GetFullPath(ownKey.Value, check.WorkingDirectory), password: null);
                if (error is not null) check.AddProblem(certificate, error, own.Place);
            }
            else
            {
                check.AddProblem(certificate, new("is set without its key", $"Set {key} as well."), own.Place);
            }
        }
        else if (check.FirstOf(key) is { } keyOnly)
        {
            check.AddProblem(key, new("is set without its certificate", $"Set {certificate} as well."), keyOnly.Place);
        }
    }
}
