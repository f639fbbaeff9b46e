using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>The command line as an operator runs it.</summary>
internal static class OrionCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private static readonly ConcurrentBag<CommandWorker> Idle = [];

    /// <summary>The output and exit code of a process.</summary>
    /// <param name="ExitCode">Its exit code.</param>
    /// <param name="Out">Its standard output.</param>
    /// <param name="Error">Its standard error.</param>
    public sealed record Ended(int ExitCode, string Out, string Error)
    {
        /// <summary>Standard output and standard error.</summary>
        public string Output => Out + Error;

        /// <summary>Fails unless the exit code is this one.</summary>
        public Ended Should(int exitCode)
        {
            Assert.True(ExitCode == exitCode, $"Exit code {ExitCode}, not {exitCode}:\n{Output}");
            return this;
        }
    }

    /// <summary>
    /// Runs a command with only these environment variables and those of the machine, in a process that is reused
    /// (<see cref="CommandWorker"/>).
    /// </summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Its working directory.</param>
    /// <param name="environment">Its environment.</param>
    /// <param name="input">Its standard input.</param>
    public static async Task<Ended> Run(
        IReadOnlyList<string> arguments, string folder, IReadOnlyDictionary<string, string> environment, string input = "")
    {
        if (!Idle.TryTake(out var worker)) worker = CommandWorker.Start();
        try
        {
            var ended = await worker.Run(new CommandWorker.Request(arguments, folder, environment, input)).WaitAsync(Timeout);
            Idle.Add(worker);
            return ended;
        }
        catch
        {
            worker.Dispose();
            throw;
        }
    }

    /// <summary>Runs a command in its own process.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Its working directory.</param>
    /// <param name="environment">Its environment.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="meanwhile">Runs while the command runs.</param>
    /// <param name="feed">Writes more to its standard input before that is closed.</param>
    public static async Task<Ended> RunProcess(
        IReadOnlyList<string> arguments,
        string folder,
        IReadOnlyDictionary<string, string> environment,
        string input = "",
        Func<Process, Task>? meanwhile = null,
        Func<StreamWriter, Task>? feed = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "orion.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        CommandWorker.RemoveVariables(start.Environment);
        foreach (var (name, value) in environment) start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var output = new StringBuilder();
        var error = new StringBuilder();
        var reading = Task.WhenAll(Collect(process.StandardOutput, output), Collect(process.StandardError, error));
        await process.StandardInput.WriteAsync(input);
        if (feed is not null) await feed(process.StandardInput);
        process.StandardInput.Close();
        if (meanwhile is not null) await meanwhile(process);
        try
        {
            await process.WaitForExitAsync().WaitAsync(Timeout);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            throw new Xunit.Sdk.XunitException($"It did not end by itself:\n{output}{error}");
        }

        await reading;
        return new Ended(process.ExitCode, output.ToString(), error.ToString());
    }

    private static async Task Collect(StreamReader reader, StringBuilder text)
    {
        while (await reader.ReadLineAsync() is { } line) text.AppendLine(line);
    }
}
