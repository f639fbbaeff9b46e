using System.Globalization;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>
/// Checks the standard variables of OpenTelemetry. Its SDK reads them by itself, and passes over what it does not understand, or throws.
/// </summary>
internal static class TelemetryRules
{
    private const int LongestMilliseconds = int.MaxValue;
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

        foreach (var variable in Positive) CheckWith(check, variable, (_, value) => Number(value, least: 1));
        foreach (var variable in NotNegative) CheckWith(check, variable, (_, value) => Number(value, least: 0));
        CheckWith(check, "OTEL_TRACES_SAMPLER", (_, value) => OneOf(value, Samplers));
        CheckWith(check, "OTEL_TRACES_SAMPLER_ARG", (_, value) => Ratio(value));
        CheckBatch(check);
        CheckCertificates(check);
    }

    private static void CheckWith(SettingsCheck check, string variable, Func<string, string, SettingError?> rule)
    {
        if (check.FirstOf(variable) is { } found && rule(variable, found.Value) is { } flaw) check.Refuse(variable, flaw, found.Place);
    }

    private static SettingError? Endpoint(string variable, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? null
            : new("is no address of a collector", $"Write it whole, for example {variable}=http://127.0.0.1:4317.");

    // Name and value as in HTTP (RFC 9110, section 5.1), each percent-encoded.
    private static SettingError? Headers(string variable, string value)
    {
        foreach (var pair in value.Split(','))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : Uri.UnescapeDataString(pair[..equals]).Trim();
            var isName = name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
            if (!isName || Uri.UnescapeDataString(pair[(equals + 1)..]).Any(char.IsControl))
                return new("is no list of headers", $"Write name=value, separated by commas and percent-encoded, for example {variable}=authorization=Basic%20dXNlcjpw.");
        }

        return null;
    }

    private static SettingError? OneOf(string value, string[] words) =>
        words.Contains(value, StringComparer.Ordinal) ? null : new("is none of the words that it may be", $"Write {string.Join(", ", words[..^1])} or {words[^1]}.");

    private static SettingError? Number(string value, int least) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? null
            : new(string.Create(CultureInfo.InvariantCulture, $"is not a whole number from {least} to {LongestMilliseconds}"), "Write digits alone; times are milliseconds.");

    private static SettingError? Ratio(string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ratio) && ratio <= 1
            ? null
            : new("is not a number from 0 to 1", "Write for example 0.25.");

    private static void CheckBatch(SettingsCheck check)
    {
        const string size = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE";
        var batch = Value(size, otherwise: 512);
        if (batch > Value("OTEL_BSP_MAX_QUEUE_SIZE", otherwise: 2048))
        {
            var place = (check.FirstOf(size) ?? check.FirstOf("OTEL_BSP_MAX_QUEUE_SIZE"))!.Value.Place;
            check.Refuse(size, new("is larger than OTEL_BSP_MAX_QUEUE_SIZE", "Set both, the queue's size not below the batch's (by default 2048 and 512)."), place);
        }

        int Value(string variable, int otherwise) =>
            int.TryParse(check.FirstOf(variable)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : otherwise;
    }

    private static void CheckCertificates(SettingsCheck check)
    {
        const string certificate = "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE";
        const string key = "OTEL_EXPORTER_OTLP_CLIENT_KEY";
        CheckWith(check, "OTEL_EXPORTER_OTLP_CERTIFICATE", (_, path) => CertificateRules.CheckTrusted(Path.GetFullPath(path, check.WorkingDirectory)));
        if (check.FirstOf(certificate) is { } own)
        {
            if (check.FirstOf(key) is { } itsKey)
            {
                var flaw = CertificateRules.CheckPair(
                    Path.GetFullPath(own.Value, check.WorkingDirectory), Path.GetFullPath(itsKey.Value, check.WorkingDirectory), password: null);
                if (flaw is not null) check.Refuse(certificate, flaw, own.Place);
            }
            else
            {
                check.Refuse(certificate, new("has no key beside it", $"Set {key} as well."), own.Place);
            }
        }
        else if (check.FirstOf(key) is { } alone)
        {
            check.Refuse(key, new("has no certificate beside it", $"Set {certificate} as well."), alone.Place);
        }
    }
}
