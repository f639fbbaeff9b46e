namespace Orion.Cli.Verification;

/// <summary>The deployment does not run in Development, where Orion is less strict and serves its documentation to everyone.</summary>
internal static class EnvironmentCheck
{
    internal static async Task<VerificationResult> Run(Probe probe, CancellationToken cancellationToken)
    {
        foreach (var path in (string[])["/openapi/v1.json", "/docs/"])
        {
            var response = await probe.Get(path, null, cancellationToken);
            if (response.Status == 200)
            {
                return VerificationResult.Failed($"{path} returned {response} without a token: the deployment runs in Development. "
                    + "Set ASPNETCORE_ENVIRONMENT=Production, and DOTNET_ENVIRONMENT too where it is set.");
            }

            // Rejected by Orion, or by a proxy that blocks these paths.
            if (response.Status is not (401 or 403 or 404)) return VerificationResult.Failed($"{path} returned {response} instead of 401.");
        }

        return VerificationResult.Passed;
    }
}
