namespace Orion.Cli.Verification;

/// <summary>The deployment does not run in Development, where Orion is laxer and serves its documentation to everybody.</summary>
internal static class EnvironmentCheck
{
    internal static async Task<VerificationResult> Run(Probe probe, CancellationToken cancellationToken)
    {
        foreach (var path in (string[])["/openapi/v1.json", "/docs/"])
        {
            var answer = await probe.Get(path, null, cancellationToken);
            if (answer.Status == 200)
            {
                return VerificationResult.Failed($"{path} answered {answer} without a token: the deployment runs in Development. "
                    + "Set ASPNETCORE_ENVIRONMENT=Production, and DOTNET_ENVIRONMENT too where it is set.");
            }

            // Orion's own refusal, or that of a proxy which keeps these paths closed.
            if (answer.Status is not (401 or 403 or 404)) return VerificationResult.Failed($"{path} answered {answer} instead of 401.");
        }

        return VerificationResult.Passed;
    }
}
