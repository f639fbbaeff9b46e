using System.Collections;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Npgsql;
using Orion.Cli;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// A process of the command line that runs many commands, one after another, each with its own environment, working directory and
/// standard streams. Most of a short command's time is the start of .NET and the compilation of EF Core's code, which this saves.
/// </summary>
internal sealed class CommandWorker : IDisposable
{
    private static readonly string[] InheritedVariables = ["PATH", "HOME", "TMPDIR", "DOTNET_ROOT", "LANG", "LC_ALL"];
    private readonly Process _process;

    private CommandWorker(Process process) => _process = process;

    /// <summary>One command.</summary>
    public sealed record Request(IReadOnlyList<string> Arguments, string Folder, IReadOnlyDictionary<string, string> Environment, string Input);

    /// <summary>Starts a worker. <see cref="StartupHook"/> replaces the command line's entry point.</summary>
    public static CommandWorker Start()
    {
        var start = new ProcessStartInfo("dotnet", Path.Combine(AppContext.BaseDirectory, "orion.dll"))
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        RemoveVariables(start.Environment);
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(CommandWorker).Assembly.Location;
        return new CommandWorker(Process.Start(start)!);
    }

    /// <summary>Removes the variables of the tests' own environment.</summary>
    public static void RemoveVariables(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Except(InheritedVariables).ToList()) environment.Remove(name);
    }

    public async Task<OrionCommand.Ended> Run(Request request)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(request));
        await _process.StandardInput.FlushAsync();
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new Xunit.Sdk.XunitException("The worker ended.");
        return JsonSerializer.Deserialize<OrionCommand.Ended>(line)!;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    /// <summary>Runs the commands from standard input until it ends.</summary>
    public static void Serve()
    {
        var inherited = InheritedVariables.ToDictionary(name => name, Environment.GetEnvironmentVariable);
        using var requests = new StreamReader(Console.OpenStandardInput());
        using var results = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        while (requests.ReadLine() is { } line)
        {
            var request = JsonSerializer.Deserialize<Request>(line)!;
            foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables()) Environment.SetEnvironmentVariable((string)variable.Key, null);
            foreach (var (name, value) in inherited) Environment.SetEnvironmentVariable(name, value);
            foreach (var (name, value) in request.Environment) Environment.SetEnvironmentVariable(name, value);
            Environment.CurrentDirectory = request.Folder;

            using var output = new StringWriter();
            using var error = new StringWriter();
            Console.SetOut(output);
            Console.SetError(error);
            var code = OrionCommandLine.Run(
                [.. request.Arguments], new StringReader(request.Input), TextWriter.Synchronized(output), TextWriter.Synchronized(error))
                .GetAwaiter().GetResult();

            // The end of a process does the same.
            SqliteConnection.ClearAllPools();
            NpgsqlConnection.ClearAllPools();
            results.WriteLine(JsonSerializer.Serialize(new OrionCommand.Ended(code, output.ToString(), error.ToString())));
        }
    }
}
