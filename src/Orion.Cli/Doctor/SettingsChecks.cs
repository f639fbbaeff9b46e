using System.Net;
using System.Net.Sockets;
using Orion.Infrastructure.Configuration;

namespace Orion.Cli.Doctor;

/// <summary>Checks the settings: errors that prevent a start, and risks that do not.</summary>
internal static class SettingsChecks
{
    // A larger network belongs to a company or a provider, not to a proxy.
    private const int WidestIPv4 = 16;
    private const int WidestIPv6 = 48;

    /// <summary>The errors that prevent a start.</summary>
    internal static IEnumerable<DoctorResult> Problems(SettingsReading reading) => reading.Problems.Select(Invalid);

    /// <summary>An invalid setting, or one whose file or address cannot be used.</summary>
    internal static DoctorResult Invalid(SettingProblem problem) =>
        new(problem.Variable, Health.Fail, $"{problem.What} (in: {problem.Where})", problem.Fix);

    /// <summary>The warnings. An unknown name, for example, may be a misspelled one.</summary>
    internal static IEnumerable<DoctorResult> Warnings(IReadOnlyList<string> warnings) =>
        warnings.Select(warning => new DoctorResult("settings", Health.Warn, warning));

    /// <summary>The risks of valid settings.</summary>
    internal static IEnumerable<DoctorResult> Evaluate(OrionSettings settings, IReadOnlyList<string> warnings, string environment)
    {
        yield return environment is "Production" or "Development"
            ? new DoctorResult("settings", Health.Pass, $"accepted (environment: {environment})")
            : new DoctorResult("settings", Health.Warn, "accepted in an environment that is neither Production nor Development", "Orion treats it as Production.");
        foreach (var warning in Warnings(warnings)) yield return warning;

        var isDevelopment = environment == "Development";
        yield return new DoctorResult("secret", Health.Pass, settings.Tokens.Secret.Length > 0
            ? "long enough, not a placeholder, not published"
            : "does not exist yet: the first start, or orion migrate, creates it");
        yield return Origins(settings, isDevelopment);
        yield return settings.RequireHttps || isDevelopment
            ? new DoctorResult("https", Health.Pass, settings.RequireHttps ? "required" : "not required in Development")
            : new DoctorResult("https", Health.Warn, "not required", "Set REQUIRE_HTTPS=true, unless only this machine can reach the port.");
        yield return Proxies(settings);
    }

    private static DoctorResult Origins(OrionSettings settings, bool isDevelopment)
    {
        var origins = settings.AllowedOrigins;
        if (origins.Count == 0) return new DoctorResult("origins", Health.Pass, "no browser may send requests");
        var plain = origins.Any(origin => origin.StartsWith("http://", StringComparison.Ordinal));
        return plain && !isDevelopment
            ? new DoctorResult("origins", Health.Warn, $"{origins.Count}, including http: on loopback", "Use them only in Development: any program on that port could send requests.")
            : new DoctorResult("origins", Health.Pass, $"{origins.Count}, each exact");
    }

    private static DoctorResult Proxies(OrionSettings settings)
    {
        var wide = settings.TrustedProxies.Where(network => !IPAddress.IsLoopback(network.BaseAddress) && network.PrefixLength < Widest(network)).ToList();
        return wide.Count == 0
            ? new DoctorResult("trusted proxies", Health.Pass, string.Join(", ", settings.TrustedProxies))
            : new DoctorResult("trusted proxies", Health.Warn, $"{string.Join(", ", wide)} is a wide network", "Name the proxy's own address: every host in that network can forge the client address that Orion sees.");
    }

    private static int Widest(IPNetwork network) => network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? WidestIPv4 : WidestIPv6;
}
