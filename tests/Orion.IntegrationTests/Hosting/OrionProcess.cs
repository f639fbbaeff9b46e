using System.Diagnostics;
using System.Text;

namespace Orion.IntegrationTests.Hosting;

/// <summary>Orion as an operator starts it: a process of its own.</summary>
internal static class OrionProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What a process said and how it ended.</summary>
    public sealed record Ended(int ExitCode, string Output);

    /// <summary>Runs it with these environment variables alone (and the machine's), until it ends; it must.</summary>
    public static async Task<Ended> RunToItsEnd(string folder, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Orion.Api.dll")])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] kept = ["PATH", "HOME", "TMPDIR", "DOTNET_ROOT", "LANG", "LC_ALL"];
        foreach (var name in start.Environment.Keys.Except(kept).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var output = new StringBuilder();
        var reading = Task.WhenAll(Collect(process.StandardOutput), Collect(process.StandardError));
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            throw new Xunit.Sdk.XunitException($"It did not end by itself:\n{output}");
        }

        await reading;
        return new Ended(process.ExitCode, output.ToString());

        async Task Collect(StreamReader reader)
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (output) output.AppendLine(line);
            }
        }
    }
}
