using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Models;

namespace Orion.Cli.Doctor;

/// <summary>Asks the model's API for its list of models. Without the model, everything except replies works.</summary>
internal static class ModelChecks
{
    private const string Subject = "model";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    internal static async Task<DoctorResult> Run(ModelSettings? model, CancellationToken cancellationToken) => model switch
    {
        null => new DoctorResult(Subject, Health.Pass, "not configured (MODEL_URL): there are no replies"),
        { Endpoint: null } => new DoctorResult(Subject, Health.Pass, "the built-in demonstration, which is no model"),
        _ => Evaluate(model, await ModelProbe.Run(model, Timeout, cancellationToken)),
    };

    private static DoctorResult Evaluate(ModelSettings model, ModelProbeResult result) => result.Status switch
    {
        ModelProbeStatus.Listed when result.UnknownNames.Count == 0 =>
            new DoctorResult(Subject, Health.Pass, $"{model} responds, and lists {string.Join(", ", model.Names)}"),
        ModelProbeStatus.Listed => new DoctorResult(
            Subject,
            Health.Warn,
            $"{model} responds, but does not list {string.Join(", ", result.UnknownNames)}",
            "Compare MODEL_NAMES with the provider's list of models. Some providers accept names that they do not list."),
        ModelProbeStatus.KeyRejected => new DoctorResult(
            Subject,
            Health.Fail,
            $"{model} rejects {(model.ApiKey is null ? "requests without a key" : "the key")} ({result.Detail})",
            "Set MODEL_API_KEY to a valid key of this provider."),
        ModelProbeStatus.NoList => new DoctorResult(
            Subject,
            Health.Warn,
            $"{model} has no list of models ({result.Detail})",
            "Check MODEL_URL: it is the base address of an OpenAI-compatible API, for example https://api.openai.com/v1."),
        _ => new DoctorResult(
            Subject,
            Health.Warn,
            $"{model} cannot be reached ({result.Detail})",
            "Check MODEL_URL, and the network between Orion and the provider (HTTPS_PROXY, NO_PROXY)."),
    };
}
