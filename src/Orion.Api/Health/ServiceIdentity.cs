using System.Reflection;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.Health;

/// <summary>What this process is and since when it runs.</summary>
internal sealed class ServiceIdentity(OrionSettings settings, IHostEnvironment environment, TimeProvider clock)
{
    /// <summary>The name that deploy scripts know.</summary>
    internal const string Name = "orion-chat-backend";

    private readonly long _startedAt = clock.GetTimestamp();

    /// <summary>The version, as it stands in <c>Directory.Build.props</c>.</summary>
    internal static string Version { get; } =
        typeof(ServiceIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    internal DateTimeOffset Now => clock.GetUtcNow();

    internal TimeSpan Uptime => clock.GetElapsedTime(_startedAt);

    /// <summary>Where the routes are described.</summary>
    internal string Documentation => (settings.ApiDocs, environment.IsDevelopment()) switch
    {
        (true, true) => "/docs",
        (true, false) => "/openapi/v1.json",
        _ => "docs/openapi.json in the source; API_DOCS=true serves it",
    };
}
