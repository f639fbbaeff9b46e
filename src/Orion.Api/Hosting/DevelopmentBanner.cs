using Orion.Application.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.Hosting;

/// <summary>Prints the address of the service, the location of its data, and a first call for a developer.</summary>
internal sealed class DevelopmentBanner(OrionSettings settings, IDatabaseHealth database)
{
    internal async Task PrintWhenReady(IEnumerable<string> urls, CancellationToken stopping)
    {
        await database.WhenReady.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stopping.IsCancellationRequested) return;

        var url = urls.FirstOrDefault() ?? "";
        Console.WriteLine($"""

            Orion listens on {url} (Development).
              Data:    {settings.Database.Address}
              Folder:  {settings.DataFolder ?? "none"} (private to your account; delete it to start over)
              You are: {settings.Owner}

            A first call, from another shell in this folder:
              token=$(dotnet run --project src/Orion.Cli -- token mint)
              curl -H "Authorization: Bearer $token" {url}/api/me

            Try out all routes: {url}/docs

            """);
    }
}
