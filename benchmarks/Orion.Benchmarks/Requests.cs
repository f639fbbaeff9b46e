using System.Net;
using System.Net.Sockets;
using System.Text;
using BenchmarkDotNet.Attributes;
using Orion.Application.Availability;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Application.Tokens;
using Orion.Application.Users;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Benchmarks;

/// <summary>
/// Whole requests for a list of 20 sessions: the service on a socket, every protection on. The client allocates nothing, so that
/// what is allocated is Orion's.
/// </summary>
[MemoryDiagnoser]
public sealed class Requests : IDisposable
{
    private const int Length = 20;
    private readonly string _folder = Directory.CreateTempSubdirectory("orion-benchmark-").FullName;
    private readonly Socket _client = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer = new byte[64 * 1024];
    private WebApplication _service = null!;
    private byte[] _request = null!;

    /// <summary>Bytes that Orion allocates for one request, on the average of many.</summary>
    internal static long AllocatedPerRequest()
    {
        const int warming = 5_000, counted = 5_000;
        using var requests = new Requests();
        requests.Start().GetAwaiter().GetResult();
        for (var n = 0; n < warming; n++) requests.List();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var n = 0; n < counted; n++) requests.List();
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        requests.Stop().GetAwaiter().GetResult();
        return allocated / counted;
    }

    [GlobalSetup]
    public async Task Start()
    {
        _service = global::Orion.Api.Program.Build(
        [
            "--urls=http://127.0.0.1:0", "--environment=Development", $"--ORION_DATA_DIR={_folder}/data", "--ORION_ENV_FILE=none",
            $"--DATABASE_URL={Environment.GetEnvironmentVariable("ORION_BENCHMARK_DATABASE") ?? "sqlite:orion.db"}",
            "--RATE_LIMIT_MAX_REQUESTS=1000000000", "--AUTHORIZED_USER_EMAIL=requests@example.com", "--Logging:LogLevel:Default=Warning",
        ]);
        await _service.StartAsync();
        await _service.Services.GetRequiredService<IDatabaseHealth>().WhenReady;

        if (!EmailAddress.TryParse("requests@example.com", out var owner)) throw new InvalidOperationException();
        var token = _service.Services.GetRequiredService<ITokenMinter>().MintUserToken(owner, TimeSpan.FromHours(12)).Token;
        await Fill(owner);
        _request = Encoding.ASCII.GetBytes($"GET /api/sessions/list?limit={Length} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
        await _client.ConnectAsync(IPAddress.Loopback, new Uri(_service.Urls.First()).Port);
        List();
        if (!_answer.AsSpan().StartsWith("HTTP/1.1 200"u8)) throw new InvalidOperationException(Encoding.UTF8.GetString(_answer));
    }

    [GlobalCleanup]
    public async Task Stop()
    {
        await _service.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public int List()
    {
        _client.Send(_request);
        var received = 0;
        do received += _client.Receive(_answer.AsSpan(received));
        while (!_answer.AsSpan(0, received).EndsWith("\"count\":20}"u8));
        return received;
    }

    public void Dispose() => _client.Dispose();

    private async Task Fill(EmailAddress owner)
    {
        var dispatcher = _service.Services.GetRequiredService<IDispatcher>();
        var caller = (await dispatcher.Send(new AuthenticateCaller(owner, TimeProvider.System.GetUtcNow(), Session: null), CancellationToken.None)).Value;
        for (var n = 0; n < Length; n++)
        {
            var command = new CreateSession(caller, SessionTitle.Parse($"Chat {n}"), MessageContent.Parse($"How do I {n}?"), Metadata.Parse("""{"model":"a"}"""));
            if ((await dispatcher.Send(command, CancellationToken.None)).Error is { } error) throw new InvalidOperationException(error.Code);
        }
    }
}
