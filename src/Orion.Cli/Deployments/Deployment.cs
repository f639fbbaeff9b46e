using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orion.Cli.Deployments;

/// <summary>How a deployment ended.</summary>
internal enum DeploymentOutcome
{
    /// <summary>The release runs.</summary>
    [JsonStringEnumMemberName("deployed")]
    Deployed,

    /// <summary>Somebody wanted the release before back, and it runs.</summary>
    [JsonStringEnumMemberName("rolled back")]
    RolledBack,

    /// <summary>The release did not do, and the one before runs.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>One deployment, as <c>deploy/deploy.sh</c> writes it on the server: an object on a line.</summary>
/// <param name="Id">When it began, and something random.</param>
/// <param name="Version">The release's version.</param>
/// <param name="Commit">The commit that it was built from, abbreviated.</param>
/// <param name="Who">Who deployed, and from where, as they say.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Checks">The checks that passed, in their order.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Reason">Why it failed; null where it did not.</param>
/// <param name="Probes">How many requests were made meanwhile, to see whether they are answered.</param>
/// <param name="RequestsRefused">How many of them were not.</param>
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
    // Members that a later version adds are passed over: after a way back the older version reads what the newer one wrote.
    private static readonly JsonSerializerOptions Line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    /// <summary>Reads a line; null where it is none of a deployment.</summary>
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
