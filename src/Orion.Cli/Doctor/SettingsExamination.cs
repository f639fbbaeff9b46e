using System.Net;
using System.Net.Sockets;
using Orion.Infrastructure.Configuration;

namespace Orion.Cli.Doctor;

/// <summary>Looks at the settings: what keeps the service from starting, and what it starts with all the same.</summary>
internal static class SettingsExamination
{
    // A network of this size is a company's or a provider's, not a proxy's.
    private const int WidestIPv4 = 16;
    private const int WidestIPv6 = 48;

    /// <summary>What keeps the service from starting.</summary>
    internal static IEnumerable<DoctorResult> Problems(SettingsReading reading) => reading.Problems.Select(Refused);

    /// <summary>A setting that the service refuses, at its start or when it opens what the setting names.</summary>
    internal static DoctorResult Refused(SettingProblem problem) =>
        new(problem.Variable, Health.Fail, $"{problem.What} (in: {problem.Where})", problem.Fix);

    /// <summary>What was noticed beside the problems: a name that nobody knows may be the misspelt one that is missing.</summary>
    internal static IEnumerable<DoctorResult> Warnings(IReadOnlyList<string> warnings) =>
        warnings.Select(warning => new DoctorResult("settings", Health.Warn, warning));

    /// <summary>What accepted settings are worth.</summary>
    internal static IEnumerable<DoctorResult> Examine(OrionSettings settings, IReadOnlyList<string> warnings, string environment)
    {
        yield return environment is "Production" or "Development"
            ? new DoctorResult("settings", Health.Pass, $"accepted (environment: {environment})")
            : new DoctorResult("settings", Health.Warn, "accepted in an environment that is neither Production nor Development", "It counts as Production.");
        foreach (var warning in Warnings(warnings)) yield return warning;

        var isDevelopment = environment == "Development";
        yield return new DoctorResult("secret", Health.Pass, settings.Tokens.Secret.Length > 0
            ? "long enough, no placeholder, not the published one"
            : "does not exist yet: the first start, or orion migrate, makes it");
        yield return Origins(settings, isDevelopment);
        yield return settings.RequireHttps || isDevelopment
            ? new DoctorResult("https", Health.Pass, settings.RequireHttps ? "required" : "not required in Development")
            : new DoctorResult("https", Health.Warn, "not required", "Set REQUIRE_HTTPS=true, unless only this machine can reach the port.");
        yield return Proxies(settings);
    }

    private static DoctorResult Origins(OrionSettings settings, bool isDevelopment)
    {
        var origins = settings.AllowedOrigins;
        if (origins.Count == 0) return new DoctorResult("origins", Health.Pass, "no browser may call");
        var plain = origins.Any(origin => origin.StartsWith("http://", StringComparison.Ordinal));
        return plain && !isDevelopment
            ? new DoctorResult("origins", Health.Warn, $"{origins.Count}, http: to loopback among them", "Use them only in Development: any program on that port could call.")
            : new DoctorResult("origins", Health.Pass, $"{origins.Count}, each exact");
    }

    private static DoctorResult Proxies(OrionSettings settings)
    {
        var wide = settings.TrustedProxies.Where(network => !IPAddress.IsLoopback(network.BaseAddress) && network.PrefixLength < Widest(network)).ToList();
        return wide.Count == 0
            ? new DoctorResult("trusted proxies", Health.Pass, string.Join(", ", settings.TrustedProxies))
            : new DoctorResult("trusted proxies", Health.Warn, $"{string.Join(", ", wide)} is a wide network", "Name the proxy's own address: every host in that network can choose the client address that Orion sees.");
    }

    private static int Widest(IPNetwork network) => network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? WidestIPv4 : WidestIPv6;
}
