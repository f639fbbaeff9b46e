using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Orion.IntegrationTests.Hosting;

/// <summary>
/// The notifications of a service of type <c>notify</c>: sd_notify(3). tests/deploy.sh tests the sockets of systemd, because they cannot be
/// passed to a process here.
/// </summary>
public sealed class SystemdNotifications : IAsyncLifetime
{
    private readonly SqliteDatabase _database = new();
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"orion-notify-{Environment.ProcessId}.sock");
    private readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public ValueTask InitializeAsync()
    {
        _systemd.Bind(new UnixDomainSocketEndPoint(_path));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _systemd.Dispose();
        File.Delete(_path);
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task It_notifies_readiness_the_watchdog_and_stopping()
    {
        var environment = OrionProcess.Environment(_database, PostgresCluster.FreePort());
        environment["NOTIFY_SOCKET"] = _path;
        environment["WATCHDOG_USEC"] = TimeSpan.FromSeconds(1).TotalMicroseconds.ToString(CultureInfo.InvariantCulture);
        await using var orion = OrionProcess.Start(_database.DataFolder, environment);

        // The watchdog notifications may start before it is ready.
        await WaitForState("READY=1");
        await WaitForState("WATCHDOG=1");
        await WaitForState("WATCHDOG=1");
        await orion.Signal("TERM");
        await WaitForState("STOPPING=1");

        Assert.Equal(0, (await orion.Ends(TimeSpan.FromSeconds(15))).ExitCode);
    }

    private async Task WaitForState(string state)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(60));
        var buffer = new byte[1024];
        string received;
        do received = Encoding.UTF8.GetString(buffer, 0, await _systemd.ReceiveAsync(buffer, timeout.Token));
        while (received != state);
    }
}
