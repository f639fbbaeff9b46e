using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Orion.Cli.Doctor;

/// <summary>Sees that a proxy must be in front, and that none can be trusted.</summary>
internal static class ProxyExamination
{
    /// <summary>Judges the settings of a service in a container, whose proxy is outside of it and never comes from loopback.</summary>
    /// <param name="requiresHttps">REQUIRE_HTTPS.</param>
    /// <param name="trustedProxies">TRUSTED_PROXIES.</param>
    /// <param name="gateway">Where requests from the container's host come from; null outside of a container, and where there is no way in.</param>
    internal static IEnumerable<DoctorResult> Judge(bool requiresHttps, IEnumerable<IPNetwork> trustedProxies, IPAddress? gateway)
    {
        if (gateway is null || !requiresHttps || trustedProxies.Any(network => !IPAddress.IsLoopback(network.BaseAddress))) yield break;

        yield return new DoctorResult(
            "proxy",
            Health.Warn,
            "REQUIRE_HTTPS is true, and TRUSTED_PROXIES names only loopback, where no proxy outside this container comes from",
            $"Add the proxy's address to TRUSTED_PROXIES, {gateway} for one on this container's host. Without it every request is refused (https_required), "
            + "and all clients count as one address.");
    }

    /// <summary>The gateway of the container that this process runs in; null outside of one.</summary>
    internal static IPAddress? GatewayOfContainer() => Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") == "true"
        ? NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().GatewayAddresses)
            .Select(gateway => gateway.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !address.Equals(IPAddress.Any))
        : null;
}
