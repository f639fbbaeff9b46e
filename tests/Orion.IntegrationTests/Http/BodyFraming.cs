using System.Text;
using Microsoft.Extensions.Logging;

namespace Orion.IntegrationTests.Http;

/// <summary>Invalid framing of a body is an error of the client, however the server detects it.</summary>
public abstract class BodyFraming(OrionFixture orion) : OrionTests(orion)
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "a chunk size beyond 31 bits", "80000000\r\n{" },
        { "a chunk size beyond 64 bits", "fffffffffffffffff\r\n{" },
        { "a chunk size that is no number", "x\r\n{}\r\n0\r\n\r\n" },
        { "a chunk without its end", "2\r\n{}x\r\n0\r\n\r\n" },
        { "trailers of 20,000 bytes", $"2\r\n{{}}\r\n0\r\nX-Long: {new string('x', 20_000)}\r\n\r\n" },
        { "150 trailers", $"2\r\n{{}}\r\n0\r\n{string.Concat(Enumerable.Range(0, 150).Select(n => $"X-{n}: x\r\n"))}\r\n" },
        { "a trailer with NUL", "2\r\n{}\r\n0\r\nX-Nul: a\0b\r\n\r\n" },
        { "a trailer without a colon", "2\r\n{}\r\n0\r\nnothing\r\n\r\n" },
        { "a trailer without a name", "2\r\n{}\r\n0\r\n: x\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Invalid_framing_is_malformed_and_ends_the_connection(string what, string body)
    {
        var before = Server.Log.All.Count;

        var head = Head("/api/sessions", $"Transfer-Encoding: chunked\r\nOrigin: {OrionServer.Origin}");
        var response = await ChangesNothing(() => RawHttp.SendText(Server.Port, head + body));

        response.ShouldBeProblem(400, "malformed_json");
        Assert.Equal("close", response.Required("Connection"));

        // This response is written after an exception and is cleared before, but has the headers of every response.
        SecurityHeaderAssertions.ShouldBeOn(response);
        Assert.Equal(OrionServer.Origin, response.Required("Access-Control-Allow-Origin"));
        Assert.All(["RateLimit", "RateLimit-Policy"], name => response.Required(name));
        NoErrorSince(before, what);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Invalid_framing_of_a_body_that_no_route_reads_is_not_logged_as_an_error(string what, string body)
    {
        var before = Server.Log.All.Count;

        var response = await RawHttp.SendText(Server.Port, Head("/api/nothing", "Transfer-Encoding: chunked") + body);

        response.ShouldBeProblem(404, "not_found");
        NoErrorSince(before, what);
    }

    [Fact]
    public async Task A_client_that_ends_its_body_early_leaves_no_error()
    {
        var before = Server.Log.All.Count;
        using var socket = await RawHttp.Connect(Server.Port);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await socket.SendAsync(Encoding.ASCII.GetBytes(Head("/api/sessions", "Content-Length: 100") + "{"), timeout.Token);
        socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);

        // Kestrel treats the client as disconnected.
        var received = 0;
        await Record.ExceptionAsync(async () => received = await socket.ReceiveAsync(new byte[100], timeout.Token));
        Assert.Equal(0, received);
        NoErrorSince(before, "an early end");
    }

    [Fact]
    public async Task A_client_that_vanishes_within_its_body_leaves_no_error()
    {
        var before = Server.Log.All.Count;
        for (var n = 0; n < 5; n++)
        {
            using var socket = await RawHttp.Connect(Server.Port);
            socket.LingerState = new System.Net.Sockets.LingerOption(enable: true, seconds: 0);
            await socket.SendAsync(Encoding.ASCII.GetBytes(Head("/api/sessions", "Content-Length: 100") + "{"));
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        (await Api.Get("/api/me")).Should(200);
        NoErrorSince(before, "a reset");
    }

    // Without Connection: close, so that the server decides to close.
    private static string Head(string path, string framing) =>
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TestToken.For(OrionServer.Owner)}\r\nContent-Type: application/json\r\n{framing}\r\n\r\n";

    private void NoErrorSince(int before, string what) =>
        Assert.All(Server.Log.All.Skip(before), line => Assert.True(line.Level < LogLevel.Error, $"{what}: {line}"));
}

[Collection(OnPostgres.Name)]
public sealed class BodyFramingOnPostgres(PostgresOrion orion) : BodyFraming(orion);

[Collection(OnSqlite.Name)]
public sealed class BodyFramingOnSqlite(SqliteOrion orion) : BodyFraming(orion);
