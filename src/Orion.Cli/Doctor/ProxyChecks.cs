using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Orion.Cli.Doctor;

/// <summary>Detects that a proxy is required but none is trusted.</summary>
internal static class ProxyChecks
{
    /// <summary>Evaluates the settings of a service in a container: its proxy runs outside, and never connects from loopback.</summary>
    /// <param name="requiresHttps">REQUIRE_HTTPS.</param>
    /// <param name="trustedProxies">TRUSTED_PROXIES.</param>
    /// <param name="gateway">The address from which the container's host connects; null outside a container, or without a network.</param>
    internal static IEnumerable<DoctorResult> Evaluate(bool requiresHttps, IEnumerable<IPNetwork> trustedProxies, IPAddress? gateway)
    {
        if (gateway is null || !requiresHttps || trustedProxies.Any(network => !IPAddress.IsLoopback(network.BaseAddress))) yield break;

        yield return new DoctorResult(
            "proxy",
            Health.Warn,
            "REQUIRE_HTTPS is true, but TRUSTED_PROXIES contains only loopback, from which no proxy outside this container connects",
            $"Add the proxy's address to TRUSTED_PROXIES, {gateway} for one on this container's host. Without it every request is rejected (https_required), "
            + "and all clients count as one address.");
    }

    /// <summary>The gateway of this process's container; null outside a container.</summary>
    internal static IPAddress? GatewayOfContainer() => Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") == "true"
        ? NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().GatewayAddresses)
            .Select(gateway => gateway.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !address.Equals(IPAddress.Any))
        : null;
}
