using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Orion.IntegrationTests.Hosting;

/// <summary>
/// What a service of type <c>notify</c> owes to systemd: sd_notify(3). The sockets that systemd holds are tests/deploy.sh's, because a
/// process here cannot be given one.
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
    public async Task It_says_when_it_is_ready_that_it_lives_and_when_it_stops()
    {
        var environment = OrionProcess.Environment(_database, PostgresCluster.FreePort());
        environment["NOTIFY_SOCKET"] = _path;
        environment["WATCHDOG_USEC"] = TimeSpan.FromSeconds(1).TotalMicroseconds.ToString(CultureInfo.InvariantCulture);
        await using var orion = OrionProcess.Start(_database.DataFolder, environment);

        // Its pulse may begin before it is ready, and goes on after it.
        await Hears("READY=1");
        await Hears("WATCHDOG=1");
        await Hears("WATCHDOG=1");
        await orion.Signal("TERM");
        await Hears("STOPPING=1");

        Assert.Equal(0, (await orion.Ends(TimeSpan.FromSeconds(15))).ExitCode);
    }

    private async Task Hears(string state)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        var buffer = new byte[1024];
        string said;
        do said = Encoding.UTF8.GetString(buffer, 0, await _systemd.ReceiveAsync(buffer, patience.Token));
        while (said != state);
    }
}
