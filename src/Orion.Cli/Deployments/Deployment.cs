using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orion.Cli.Deployments;

/// <summary>How a deployment ended.</summary>
internal enum DeploymentOutcome
{
    /// <summary>The release runs.</summary>
    [JsonStringEnumMemberName("deployed")]
    Deployed,

    /// <summary>The operator rolled back to the previous release, and it runs.</summary>
    [JsonStringEnumMemberName("rolled back")]
    RolledBack,

    /// <summary>The release failed, and the previous one runs.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>One deployment, as <c>deploy/deploy.sh</c> writes it on the server: an object on a line.</summary>
/// <param name="Id">The start time and a random suffix.</param>
/// <param name="Version">The release's version.</param>
/// <param name="Commit">The commit that it was built from, abbreviated.</param>
/// <param name="Who">The operator and the machine, as stated by the operator.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Checks">The checks that passed, in their order.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Reason">Why it failed; null if it succeeded.</param>
/// <param name="Probes">The number of requests that were sent during the deployment, to measure its availability.</param>
/// <param name="RequestsRefused">The number of these that failed.</param>
internal sealed record Deployment(
    string Id,
    string Version,
    string Commit,
    string Who,
    DateTimeOffset StartedAt,
    double Seconds,
    IReadOnlyList<string> Checks,
    DeploymentOutcome Outcome,
    string? Reason,
    long Probes,
    long RequestsRefused)
{
    // Unknown members are ignored: after a rollback, the older version reads lines of the newer one.
    private static readonly JsonSerializerOptions Line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    /// <summary>Reads a line; null if it is not a deployment.</summary>
    internal static Deployment? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Deployment>(line, Line) is { } deployment && deployment.Checks.All(check => check is not null)
                ? deployment
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
