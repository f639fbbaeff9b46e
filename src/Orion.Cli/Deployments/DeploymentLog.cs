namespace Orion.Cli.Deployments;

/// <summary>The log of deployments on a server.</summary>
internal static class DeploymentLog
{
    /// <summary>Where <c>deploy/deploy.sh</c> writes it.</summary>
    internal const string OfServer = "/opt/orion/deployments.ndjson";

    /// <summary>The number of deployments to read by default.</summary>
    internal const int DefaultCount = 20;

    /// <summary>Reads the newest deployments. A missing file has none.</summary>
    internal static async Task<(IReadOnlyList<Deployment> NewestFirst, int Unreadable)> Read(string file, int last, CancellationToken cancellationToken)
    {
        var newest = new Queue<Deployment>();
        var unreadable = 0;
        try
        {
            using var lines = new StreamReader(file);
            while (await lines.ReadLineAsync(cancellationToken) is { } line)
            {
                if (string.IsNullOrWhiteSpace(line)) continue;
                if (Deployment.Read(line) is not { } deployment)
                {
                    unreadable++;
                    continue;
                }

                newest.Enqueue(deployment);
                if (newest.Count > last) newest.Dequeue();
            }
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            // No deployment yet.
        }

        return ([.. newest.Reverse()], unreadable);
    }
}
