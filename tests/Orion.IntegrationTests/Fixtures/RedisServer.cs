using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A Redis server for one test, without files. A shell stops the server when the test process has ended.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    // Prints the process id of the server, and kills it when standard input ends.
    private const string Keeper = """
        "$@" >/dev/null 2>&1 </dev/null & pid=$!
        echo "$pid"
        while read -r _; do :; done
        kill -CONT "$pid"; kill -KILL "$pid"
        """;

    private const string Password = "p@ss/word";
    private Process _keeper = null!;
    private int _process;

    private RedisServer(int port) => Port = port;

    internal int Port { get; }

    internal string Url => $"redis://:{Uri.EscapeDataString(Password)}@127.0.0.1:{Port}/3";

    /// <summary>A client that may do everything.</summary>
    internal Task<ConnectionMultiplexer> Connect() =>
        ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { { "127.0.0.1", Port } }, Password = Password, AllowAdmin = true });

    internal static async Task<RedisServer> Start()
    {
        var server = new RedisServer(PostgresCluster.FreePort());
        await server.StartAgain();
        return server;
    }

    internal async Task StartAgain()
    {
        string[] arguments =
        [
            "-c", Keeper, "sh", "redis-server", "--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--save", "",
            "--appendonly", "no", "--requirepass", Password,
        ];
        _keeper = Process.Start(new ProcessStartInfo("sh", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        _process = int.Parse((await _keeper.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        await Eventually.Until(Listens, "Redis does not listen (Debian: apt-get install redis-server).");
    }

    internal void Freeze() => Signal("STOP");

    internal void Thaw() => Signal("CONT");

    internal async Task Kill()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync();
        _keeper.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process == 0) return;
        _process = 0;
        try
        {
            await Kill();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ObjectDisposedException)
        {
            // It has been killed.
        }
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, _process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private async Task<bool> Listens()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
