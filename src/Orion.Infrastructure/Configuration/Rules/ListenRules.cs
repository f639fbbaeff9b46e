using System.Net;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>Checks the addresses to listen on. Kestrel reads these settings by itself, and would fail with a stack trace.</summary>
internal static class ListenRules
{
    private const string Kestrel = "Kestrel";
    private const string Urls = "urls";
    private const string UrlsVariable = "ASPNETCORE_URLS";

    private static readonly Dictionary<string, string[]> AllowedValues = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Protocols"] = ["None", "Http1", "Http2", "Http1AndHttp2", "Http3", "Http1AndHttp2AndHttp3"],
        ["ClientCertificateMode"] = ["NoCertificate", "AllowCertificate", "RequireCertificate", "DelayCertificate"],
    };

    /// <summary>All addresses. Endpoints of the <c>Kestrel</c> section take precedence over URLs, and URLs over <c>PORT</c>.</summary>
    public static IReadOnlyList<ListenAddress> Read(SettingsCheck check, int port)
    {
        foreach (var (key, value, place) in check.Under(Kestrel)) CheckValue(check, key, value, place);
        var certificates = CertificateRules.Check(check, Kestrel);
        var addresses = Endpoints(check) ?? FromUrls(check) ?? [FromPort(check, port)];
        foreach (var address in addresses.Where(a => a.IsHttps && !check.IsDevelopment && !certificates.Any(AppliesTo(a))))
        {
            check.AddProblem(address.Variable, new(
                "is an https: address without a certificate",
                "Set Kestrel__Certificates__Default__Path and __KeyPath (PEM) or __Password (PFX), or use http: and let a proxy terminate TLS."), address.Where);
        }

        return addresses;
    }

    /// <summary>The address that serves metrics; null if none does.</summary>
    /// <param name="check">The check in progress.</param>
    /// <param name="service">The addresses of the service.</param>
    public static ListenAddress? Metrics(SettingsCheck check, IReadOnlyList<ListenAddress> service)
    {
        if (!IPAddress.TryParse(check.Text(SettingsTable.MetricsAddress), out var address))
            check.AddProblem(SettingsTable.MetricsAddress, new("is not an address", "Use an IP address of this machine, or unset it for loopback."));
        var port = check.Number(SettingsTable.MetricsPort);
        if (port == 0 || address is null) return null;
        if (service.FirstOrDefault(a => a.Port == port && a.SocketPath is null) is { } same)
        {
            check.AddProblem(SettingsTable.MetricsPort, new(
                $"is {(same.Variable == SettingsTable.Port.Name ? "PORT" : $"a port of {same.Variable}")} as well",
                $"Use a separate port for metrics, for example METRICS_PORT={SettingsTable.MetricsPort.Example}."));
        }

        return new ListenAddress(SettingsTable.MetricsPort.Name, check.PlaceOf(SettingsTable.MetricsPort), address.ToString(), port, ServesMetrics: true);
    }

    // The default certificate, or one in the endpoint's own section.
    private static Func<string, bool> AppliesTo(ListenAddress address) => section => section == "Kestrel__Certificates__Default"
        || (address.Variable.EndsWith("__Url", StringComparison.Ordinal) && section.StartsWith(address.Variable[..^3], StringComparison.OrdinalIgnoreCase));

    private static ListenAddress FromPort(SettingsCheck check, int port) => new(
        SettingsTable.Port.Name, check.PlaceOf(SettingsTable.Port), check.IsDevelopment ? "localhost" : "*", port);

    private static List<ListenAddress>? FromUrls(SettingsCheck check)
    {
        if (check.FirstOf(Urls) is not { } found) return null;
        var variable = found.Place == "the command line" ? "--urls"
            : check.FirstOf(UrlsVariable) is not null ? UrlsVariable : found.Place == "the environment" ? "URLS" : Urls;
        return [.. found.Value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(url => ReadUrl(check, url, variable, found.Place)).OfType<ListenAddress>()];
    }

    private static List<ListenAddress>? Endpoints(SettingsCheck check)
    {
        var endpoints = check.Under($"{Kestrel}:Endpoints").GroupBy(e => e.Key.Split(':')[2], StringComparer.OrdinalIgnoreCase).ToList();
        if (endpoints.Count == 0) return null;
        var addresses = new List<ListenAddress>();
        foreach (var endpoint in endpoints)
        {
            var variable = $"Kestrel__Endpoints__{endpoint.Key}__Url";
            var url = endpoint.FirstOrDefault(e => e.Key.Split(':') is { Length: 4 } parts && parts[3].Equals("Url", StringComparison.OrdinalIgnoreCase));
            if (string.IsNullOrWhiteSpace(url.Value))
                check.AddProblem(variable, new("is missing, and the endpoint has other settings", $"Set it, for example {variable}=http://127.0.0.1:3002."), endpoint.First().Place);
            else if (ReadUrl(check, url.Value, variable, url.Place) is { } address)
                addresses.Add(address);
        }

        return addresses;
    }

    private static ListenAddress? ReadUrl(SettingsCheck check, string url, string variable, string place)
    {
        var (address, error) = ListenAddress.Read(url, variable, place);
        if (error is not null) check.AddProblem(variable, error, place);
        return address;
    }

    private static void CheckValue(SettingsCheck check, string key, string value, string place)
    {
        if (value.Trim().Length == 0 || !AllowedValues.TryGetValue(key[(key.LastIndexOf(':') + 1)..], out var allowed)) return;
        if (allowed.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase)) return;
        check.AddProblem(ConfigurationLookup.VariableOf(key), new(
            "has an unknown value", $"Use {string.Join(", ", allowed[..^1])} or {allowed[^1]}."), place);
    }
}
