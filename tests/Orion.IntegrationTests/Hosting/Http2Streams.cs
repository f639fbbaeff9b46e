using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Orion.IntegrationTests.Hosting;

/// <summary>Event streams over HTTP/2, which Kestrel offers for https: only.</summary>
public sealed class Http2Streams : IAsyncLifetime
{
    private static readonly TimeSpan LongerThanAPingInterval = TimeSpan.FromSeconds(16);
    private static readonly TimeSpan LongerThanKestrelsGrace = TimeSpan.FromSeconds(8);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly SqliteDatabase _database = new();
    private readonly X509Certificate2 _certificate = SelfSigned();
    private OrionServer? _server;

    private OrionServer Server => _server!;

    private string Https => Server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
        .Single(one => one.StartsWith("https:", StringComparison.Ordinal));

    public async ValueTask InitializeAsync()
    {
        var file = Path.Combine(_database.DataFolder, "certificate.pfx");
        await File.WriteAllBytesAsync(file, _certificate.Export(X509ContentType.Pkcs12, "test"), Ct);
        _server = await OrionServer.Start(
            _database, ("urls", "http://127.0.0.1:0;https://127.0.0.1:0"),
            ("Kestrel:Certificates:Default:Path", file), ("Kestrel:Certificates:Default:Password", "test"));
        Server.Model.TakeCalls();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _certificate.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_quiet_stream_stays_open_on_a_connection_with_others()
    {
        using var http = Client(Https);
        var api = new ApiClient(http, () => TestToken.For(OrionServer.Owner, Server.Clock).ToString());
        using var quiet = await api.OpenReply(await api.Create());
        var quietCall = await Server.Model.NextCall();
        using var chat = await api.Open(HttpMethod.Post, "/api/chat-stream-v2", new { message = "Hello" });
        var chatCall = await Server.Model.NextCall();
        using var busy = await api.OpenReply(await api.Create());
        var busyCall = await Server.Model.NextCall();
        await quiet.Until("start");

        var writing = Task.Run(async () =>
        {
            for (var n = 0; n < 160; n++)
            {
                busyCall.Write($"{n} ");
                await Task.Delay(LongerThanAPingInterval / 160, Ct);
            }

            busyCall.Finish();
        }, Ct);
        Assert.Equal("[DONE]", (await busy.ToEnd())[^1].Data);
        await writing;
        quietCall.Write("Late").Finish();
        chatCall.Write("Late").Finish();

        var events = await quiet.ToEnd();
        Assert.Equal(": ping", events[0].Data);
        Assert.Equal("[DONE]", events[^1].Data);
        Assert.Equal(["content", "done"], (await chat.ToEnd()).Select(one => one.Type).TakeLast(2));
    }

    [Fact]
    public async Task A_reader_that_pauses_gets_everything_and_does_not_end_the_other_streams_of_its_connection()
    {
        using var http = Client(Https);
        var api = new ApiClient(http, () => TestToken.For(OrionServer.Owner, Server.Clock).ToString());
        using var long1 = await Server.Api.OpenReply(await Server.Api.Create());
        var longCall = await Server.Model.NextCall();
        for (var n = 0; n < 1000; n++) longCall.Write(new string('x', 90));
        longCall.Finish();
        await long1.ToEnd();
        using var quiet = await api.OpenReply(await api.Create());
        var quietCall = await Server.Model.NextCall();
        using var slow = await api.Open(HttpMethod.Get, long1.Header("Location")!);

        await Task.Delay(LongerThanKestrelsGrace, Ct);

        await slow.ToEnd();
        Assert.Equal(long1.Received, slow.Received);
        quietCall.Write("Late").Finish();
        Assert.Equal("[DONE]", (await quiet.ToEnd())[^1].Data);
    }

    [Fact]
    public async Task Without_TLS_there_is_no_HTTP_2()
    {
        using var http = Client(Server.Http.BaseAddress!.ToString());

        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri("/health/live", UriKind.Relative), Ct));
    }

    // Prior knowledge of HTTP/2 where there is no TLS.
    private HttpClient Client(string address) => new(new Http2(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => _certificate.Equals(certificate) },
    }))
    {
        BaseAddress = new Uri(address),
        Timeout = TimeSpan.FromSeconds(60),
    };

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private sealed class Http2(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
            var response = await base.SendAsync(request, cancellationToken);
            Assert.Equal(HttpVersion.Version20, response.Version);
            return response;
        }
    }
}
