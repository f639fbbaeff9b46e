using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Orion.Cli.Verification;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;

namespace Orion.IntegrationTests.Cli.Verification;

/// <summary>
/// If a failure affects all later checks, <c>orion verify</c> reports the cause and the fix once, and does not run the later checks.
/// </summary>
[Collection(CliOnSqlite.Name)]
public sealed class VerifyCauseTests(SqliteOrion orion) : CommandTests(orion)
{
    private static readonly TokenSettings Tokens = new()
    {
        Secret = TestToken.SharedSecret,
        PreviousSecret = null,
        Issuer = TestToken.Issuer,
        Audience = TestToken.Audience,
        UserTokenMaxLifetime = TimeSpan.FromDays(1),
    };

    [Fact]
    public async Task No_server() =>
        ShouldEndWith(await Verify(new Uri("http://127.0.0.1:1")), "healthy", "Nothing listens at 127.0.0.1:1.");

    [Fact]
    public async Task A_name_that_does_not_exist() => ShouldEndWith(
        await Verify(new Uri("https://orion-verify.invalid")), "healthy", "The name orion-verify.invalid cannot be resolved.");

    [Fact]
    public async Task A_server_other_than_Orion()
    {
        await using var proxy = await BreakingProxy.Start(Server.Http.BaseAddress!, instead: _ => 502);

        ShouldEndWith(await Verify(proxy.Address), "healthy", "/health returned 502, which is not Orion's response.");
    }

    [Theory]
    [InlineData("a secret of another deployment, which is long enough", null, null, "runs with another secret, JWT_ISSUER or JWT_AUDIENCE")]
    [InlineData(TestToken.SharedSecret + " ", null, null, "without the spaces")]
    [InlineData(null, TestToken.Issuer + "/", null, $"Its JWT_ISSUER is {TestToken.Issuer}, not {TestToken.Issuer}/.")]
    [InlineData(null, "https://other.example.com", null, "(https://other.example.com, ")]
    [InlineData(null, null, "orion", "Its JWT_AUDIENCE is orion-core, not orion.")]
    public async Task A_token_of_another_secret_issuer_or_audience(string? secret, string? issuer, string? audience, string expected)
    {
        var tokens = Tokens with { Secret = secret ?? Tokens.Secret, Issuer = issuer ?? Tokens.Issuer, Audience = audience ?? Tokens.Audience };

        var cause = ShouldEndWith(await Verify(Server.Http.BaseAddress!, tokens), "a valid request", expected);

        Assert.StartsWith("The deployment rejects the token.", cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_still_runs_with_the_previous_secret() => ShouldEndWith(
        await Verify(Server.Http.BaseAddress!, Tokens with { Secret = "the new secret, which is not in use yet", PreviousSecret = Tokens.Secret }),
        "a valid request", "It still runs with the secret that is ORION_SHARED_JWT_SECRET_PREVIOUS here.");

    [Fact]
    public async Task A_clock_that_differs()
    {
        var clock = new TestClock();
        clock.Advance(TimeSpan.FromMinutes(5));

        ShouldEndWith(await Verify(Server.Http.BaseAddress!, clock: clock), "a valid request", "This machine's clock is 300 s ahead of the deployment's.");
    }

    [Fact]
    public async Task A_user_who_is_not_on_the_list() => ShouldEndWith(
        await Verify(Server.Http.BaseAddress!, user: "stranger@example.com"), "a valid request", "stranger@example.com is not on the deployment's allow-list.");

    [Fact]
    public async Task A_proxy_that_is_not_trusted()
    {
        await using var server = await OrionServer.Start(Orion.Database, ("REQUIRE_HTTPS", "true"), ("TRUSTED_PROXIES", "10.0.0.1"));

        ShouldEndWith(await Verify(server.Http.BaseAddress!, requiresHttps: true), "a valid request", "TRUSTED_PROXIES");
    }

    [Fact]
    public async Task A_proxy_that_drops_the_token()
    {
        await using var proxy = await BreakingProxy.Start(Server.Http.BaseAddress!, forward: headers => headers.Authorization = null);

        ShouldEndWith(await Verify(proxy.Address), "a valid request", "must pass on the Authorization header");
    }

    [Theory]
    [InlineData("127.0.0.1", 10, "This machine does not trust the authority that issued the certificate of 127.0.0.1 (CN=orion-verify)")]
    [InlineData("127.0.0.1", -1, "The certificate of 127.0.0.1 expired on ")]
    [InlineData("127.0.0.2", 10, "The certificate of 127.0.0.1 names 127.0.0.2 instead.")]
    public async Task A_certificate_that_is_not_accepted(string name, int days, string expected)
    {
        using var certificate = Certificate(name, days);
        await using var proxy = await BreakingProxy.Start(Server.Http.BaseAddress!, certificate: certificate);

        ShouldEndWith(await Verify(proxy.Address), "healthy", expected);
    }

    [Fact]
    public async Task A_port_that_speaks_no_TLS() => ShouldEndWith(
        await Verify(new Uri($"https://127.0.0.1:{Server.Port}")), "healthy", "The TLS handshake with 127.0.0.1:");

    [Fact]
    public async Task A_rate_limit_that_is_exceeded()
    {
        await using var server = await OrionServer.Start(Orion.Database, ("RATE_LIMIT_USER_MAX_REQUESTS", "1"), ("RATE_LIMIT_MAX_REQUESTS", "100"));

        var cause = ShouldEndWith(await Verify(server.Http.BaseAddress!), "an allowed origin", "429 rate_limited");

        Assert.Contains("Run verify again in ", cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_session_is_created_if_too_few_requests_remain()
    {
        var before = await Orion.Database.Snapshot();
        await using var server = await OrionServer.Start(Orion.Database, ("RATE_LIMIT_USER_MAX_REQUESTS", "9"), ("RATE_LIMIT_MAX_REQUESTS", "100"));

        var failed = Assert.Single(await Verify(server.Http.BaseAddress!), check => check.Result.Status == CheckStatus.Failed);

        Assert.StartsWith("a session", failed.Name, StringComparison.Ordinal);
        Assert.Contains("Nothing was written.", failed.Result.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Fact]
    public async Task After_an_exceeded_rate_limit_the_session_is_deleted()
    {
        var before = await Orion.Database.Snapshot();
        var rejected = 0;
        await using var proxy = await BreakingProxy.Start(Server.Http.BaseAddress!, instead: request => IsInSession(request) && rejected++ < 2 ? Exhausted(request, 1) : null);

        ShouldEndWith(await Verify(proxy.Address), "a session", "Reading the session returned 429");

        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Fact]
    public async Task A_session_that_cannot_be_deleted_is_named_with_the_command_that_deletes_it()
    {
        await using var proxy = await BreakingProxy.Start(
            Server.Http.BaseAddress!, instead: request => IsInSession(request) ? Exhausted(request, 800) : null);

        var cause = ShouldEndWith(await Verify(proxy.Address), "a session", "is left behind. Delete it in 800 s, on the server: curl --request DELETE");

        var id = (await Orion.Database.Query("SELECT id FROM sessions WHERE title = 'orion verify'"))[0].TrimEnd('|');
        Assert.Contains($"The session {id} is left behind.", cause, StringComparison.OrdinalIgnoreCase);
        (await Server.Api.Delete($"/api/sessions/{id}")).Should(204);
    }

    [Fact]
    public async Task A_CORS_header_on_a_rejected_origin_is_reported()
    {
        await using var proxy = await BreakingProxy.Start(Server.Http.BaseAddress!, change: (request, response) =>
        {
            if (response.StatusCode == 403 && request.Headers.Origin.Count > 0) response.Headers.AccessControlAllowOrigin = "*";
        });

        var failed = Assert.Single(await Verify(proxy.Address), check => check.Result.Status == CheckStatus.Failed);

        Assert.Equal(
            "A request from a foreign origin was rejected, but the response has Access-Control-Allow-Origin: *. The proxy in front must not add CORS headers.",
            failed.Result.Detail);
    }

    [Fact]
    public async Task A_deployment_in_Development()
    {
        await using var server = await OrionServer.Start(Orion.Database, ("environment", "Development"));

        var failed = Assert.Single(await Verify(server.Http.BaseAddress!), check => check.Result.Status == CheckStatus.Failed);

        Assert.Contains("runs in Development", failed.Result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "https", "Orion trusts the X-Forwarded-For that a client sends")]
    [InlineData(true, "https,https", "so that Orion reads https,https")]
    [InlineData(true, "https", "")]
    public async Task A_proxy_that_passes_on_the_forwarded_headers_of_a_client(bool appends, string protocol, string expected)
    {
        await using var server = await OrionServer.Start(Orion.Database, ("REQUIRE_HTTPS", "true"));
        await using var proxy = await BreakingProxy.Start(server.Http.BaseAddress!, forward: headers =>
        {
            if (appends) Set(headers, "X-Forwarded-For", [.. headers.TryGetValues("X-Forwarded-For", out var existing) ? existing : [], "198.51.100.7"]);
            Set(headers, "X-Forwarded-Proto", [headers.Contains("X-Forwarded-Proto") ? protocol : "https"]);
        });
        using var probe = new Probe(proxy.Address);

        var result = await ProxyCheck.CheckProtocol(probe, TestContext.Current.CancellationToken);
        if (result.Status == CheckStatus.Passed) result = await ProxyCheck.CheckAddress(probe, TestContext.Current.CancellationToken);

        Assert.Equal(expected.Length == 0 ? CheckStatus.Passed : CheckStatus.Failed, result.Status);
        Assert.Contains(expected, result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_HTTPS_with_an_authority_of_ones_own_every_check_passes()
    {
        await using var server = await OrionServer.Start(Orion.Database, ("REQUIRE_HTTPS", "true"));
        using var certificate = Certificate("127.0.0.1", 10);
        await using var proxy = await BreakingProxy.Start(server.Http.BaseAddress!, certificate: certificate, forward: headers =>
        {
            Set(headers, "X-Forwarded-For", [.. headers.TryGetValues("X-Forwarded-For", out var existing) ? existing : [], "198.51.100.7"]);
            Set(headers, "X-Forwarded-Proto", ["https"]);
        });
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        var environment = Environment(Orion.Database, ("REQUIRE_HTTPS", "true"), ("SSL_CERT_FILE", file));

        // OpenSSL reads the variable once in a process.
        var ended = (await OrionCommand.RunProcess(["verify", proxy.Address.ToString()], Path.GetTempPath(), environment)).Should(0);

        Assert.Contains("17/17 passed: https://127.0.0.1:", ended.Out, StringComparison.Ordinal);
        File.Delete(file);
    }

    private static bool IsInSession(HttpRequest request) => request.Path.Value!.StartsWith("/api/sessions/", StringComparison.Ordinal);

    private static int Exhausted(HttpRequest request, int seconds)
    {
        request.HttpContext.Response.Headers.RetryAfter = $"{seconds}";
        return 429;
    }

    private static void Set(HttpRequestHeaders headers, string name, string[] values)
    {
        headers.Remove(name);
        headers.TryAddWithoutValidation(name, string.Join(", ", values));
    }

    private static X509Certificate2 Certificate(string name, int days)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=orion-verify", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(name));
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-20), now.AddDays(days));
    }

    private async Task<IReadOnlyList<CompletedCheck>> Verify(
        Uri address, TokenSettings? tokens = null, string user = OrionServer.Owner, bool requiresHttps = false, TimeProvider? clock = null)
    {
        Assert.True(EmailAddress.TryParse(user, out var email));
        var target = new VerificationTarget(address, tokens ?? Tokens, email, OrionServer.Origin, requiresHttps);
        using var probe = new Probe(address);
        return await new DeploymentVerification(target, probe, clock ?? Server.Clock).Run(TestContext.Current.CancellationToken);
    }

    // One check fails with that cause, and every later one is not run.
    private static string ShouldEndWith(IReadOnlyList<CompletedCheck> checks, string name, string expected)
    {
        var failed = Assert.Single(checks, check => check.Result.Status == CheckStatus.Failed);
        Assert.StartsWith(name, failed.Name, StringComparison.Ordinal);
        Assert.Contains(expected, failed.Result.Detail, StringComparison.Ordinal);
        Assert.All(checks.SkipWhile(check => check != failed).Skip(1), check => Assert.Equal(CheckStatus.NotRun, check.Result.Status));
        return failed.Result.Detail;
    }
}
