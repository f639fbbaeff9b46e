using System.Reflection;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.Health;

/// <summary>The name, version and uptime of this process.</summary>
internal sealed class ServiceIdentity(OrionSettings settings, IHostEnvironment environment, TimeProvider clock)
{
    /// <summary>The name. Deploy scripts depend on it.</summary>
    internal const string Name = "orion-chat-backend";

    private readonly long _startedAt = clock.GetTimestamp();

    /// <summary>The version in <c>Directory.Build.props</c>.</summary>
    internal static string Version { get; } =
        typeof(ServiceIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    internal DateTimeOffset Now => clock.GetUtcNow();

    internal TimeSpan Uptime => clock.GetElapsedTime(_startedAt);

    /// <summary>Where to find the API documentation.</summary>
    internal string Documentation => (settings.ApiDocs, environment.IsDevelopment()) switch
    {
        (true, true) => "/docs",
        (true, false) => "/openapi/v1.json",
        _ => "docs/openapi.json in the source; API_DOCS=true serves it",
    };
}
