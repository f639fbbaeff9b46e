using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>Orion as an operator starts it, in its own process. If it still runs at the end, it is killed.</summary>
internal sealed class OrionProcess : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;

    private OrionProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(Collect(process.StandardOutput), Collect(process.StandardError));
    }

    /// <summary>The output and exit code of a process.</summary>
    public sealed record Ended(int ExitCode, string Output);

    /// <summary>The output so far.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>Runs it with only these environment variables and those of the machine, until it exits by itself.</summary>
    public static async Task<Ended> RunToItsEnd(string folder, IReadOnlyDictionary<string, string> environment, uint? account = null)
    {
        await using var orion = Start(folder, environment, account);
        return await orion.Ends(Timeout);
    }

    /// <summary>Starts it with only these environment variables and those of the machine.</summary>
    /// <param name="folder">Its working directory.</param>
    /// <param name="environment">Its environment.</param>
    /// <param name="account">The id of the account that it runs as, which requires root; null for the tests' own.</param>
    public static OrionProcess Start(string folder, IReadOnlyDictionary<string, string> environment, uint? account = null)
    {
        string[] command = [.. Prefix(account), "dotnet", Path.Combine(AppContext.BaseDirectory, "Orion.Api.dll")];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        CommandWorker.RemoveVariables(start.Environment);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new OrionProcess(Process.Start(start)!);
    }

    /// <summary>A test server's settings (<see cref="OrionServer.Settings"/>) as a process's environment, with a log.</summary>
    public static Dictionary<string, string> Environment(TestDatabase database, int port)
    {
        var settings = OrionServer.Settings(database);
        foreach (var name in (string[])["environment", "urls", "Logging:Console:LogLevel:Default"]) settings.Remove(name);
        settings["ASPNETCORE_ENVIRONMENT"] = "Production";
        settings["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        return settings;
    }

    /// <summary>The files that are mapped into its memory, including its libraries (Linux).</summary>
    public Task<string> Loaded() => File.ReadAllTextAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/maps"));

    /// <summary>Waits until it is ready.</summary>
    public Task BecomesReady(HttpClient http) => Eventually.Until(
        async () =>
        {
            if (HasEnded) throw new Xunit.Sdk.XunitException($"It did not start:\n{Output}");
            try
            {
                return (await http.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        "It does not get ready.");

    /// <summary>Waits until it exits by itself.</summary>
    public async Task<Ended> Ends(TimeSpan within)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(within);
        }
        catch (TimeoutException)
        {
            throw new Xunit.Sdk.XunitException($"It did not end by itself within {within}:\n{Output}");
        }

        await _reading;
        return new Ended(_process.ExitCode, Output);
    }

    /// <summary>Sends a signal: <c>TERM</c>, <c>INT</c>, <c>KILL</c>.</summary>
    public async Task Signal(string name)
    {
        // The shell's built-in kill: not every machine has a program of that name.
        using var kill = Process.Start("sh", ["-c", "kill -$0 $1", name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    // A shell starts background processes with SIGINT ignored. That is inherited, and .NET respects it.
    private static string[] Prefix(uint? account)
    {
        string[] signals = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT"] : [];
        return account is not { } id
            ? signals
            : [.. signals, "setpriv", $"--reuid={id}", $"--regid={id}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"];
    }

    private async Task Collect(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_output) _output.AppendLine(line);
        }
    }
}
