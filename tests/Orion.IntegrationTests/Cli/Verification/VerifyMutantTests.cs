using Microsoft.AspNetCore.Http;
using Orion.Cli.Verification;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Tokens;

namespace Orion.IntegrationTests.Cli.Verification;

/// <summary>Every check of <c>orion verify</c> is effective: against a server with the defect, exactly that check fails.</summary>
[Collection(CliOnSqlite.Name)]
public sealed class VerifyMutantTests(SqliteOrion orion) : OrionTests(orion)
{
    private static readonly TokenSettings Tokens = new()
    {
        Secret = TestToken.SharedSecret,
        PreviousSecret = null,
        Issuer = TestToken.Issuer,
        Audience = TestToken.Audience,
        UserTokenMaxLifetime = TimeSpan.FromDays(1),
    };

    private JwtVerifier Verifier => new(Tokens, Server.Clock);

    [Fact]
    public async Task A_good_server_passes_every_check_behind_a_transparent_proxy_and_no_data_stays()
    {
        var before = await Orion.Database.Snapshot();
        await using var proxy = await BreakingProxy.Start(Server.Http.BaseAddress!);

        var checks = await Verify(proxy.Address);

        Assert.Equal(17, checks.Count);
        // There is no proxy in front of a loopback address.
        Assert.All(checks, check => Assert.Equal(
            (check.Name, check.Name.StartsWith("a client cannot", StringComparison.Ordinal) ? CheckStatus.Skipped : CheckStatus.Passed), (check.Name, check.Result.Status)));
        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Fact]
    public async Task A_server_that_is_down_is_unhealthy() =>
        await OnlyFails("healthy", change: (request, response) => response.StatusCode = request.Path == "/health" ? 503 : response.StatusCode);

    [Fact]
    public async Task A_server_that_accepts_plain_HTTP_although_HTTPS_is_required() => await OnlyFails("plain HTTP", requiresHttps: true);

    [Fact]
    public async Task A_server_that_accepts_requests_without_a_token() =>
        await OnlyFails("no token", change: (request, response) => Accept(response, IsMe(request) && TokenOf(request) is null));

    [Theory]
    [InlineData(TokenRejection.Signature, "a forged token")]
    [InlineData(TokenRejection.Expired, "an expired token")]
    [InlineData(TokenRejection.Malformed, "a token with alg none")]
    [InlineData(TokenRejection.Audience, "a token for another audience")]
    public async Task A_server_that_accepts_an_invalid_token(TokenRejection rejection, string check) => await OnlyFails(
        check, change: (request, response) => Accept(response, TokenOf(request) is { } token && Verifier.Verify(token).Rejection == rejection));

    [Fact]
    public async Task A_server_that_accepts_unauthorized_users() => await OnlyFails(
        "an unauthorized user", change: (request, response) => Accept(response, SubjectOf(request) is { } subject && subject != OrionServer.Owner));

    [Theory]
    [InlineData("GET")]
    [InlineData("OPTIONS")]
    public async Task A_server_that_accepts_foreign_origins(string method) => await OnlyFails("a foreign origin", change: (request, response) =>
    {
        if (request.Method != method || response.StatusCode != 403 || request.Headers.Origin.Count == 0) return;
        response.Headers.AccessControlAllowOrigin = request.Headers.Origin;
    });

    [Theory]
    [InlineData("GET", "Access-Control-Allow-Origin")]
    [InlineData("GET", "Access-Control-Allow-Credentials")]
    [InlineData("GET", "Vary")]
    [InlineData("OPTIONS", "Access-Control-Allow-Headers")]
    [InlineData("OPTIONS", "Access-Control-Allow-Methods")]
    public async Task A_server_that_rejects_allowed_origins(string method, string header) => await OnlyFails("an allowed origin", change: (request, response) =>
    {
        if (request.Method == method && request.Headers.Origin == OrionServer.Origin) response.Headers.Remove(header);
    });

    [Theory]
    [InlineData("Content-Security-Policy")]
    [InlineData("Strict-Transport-Security")]
    [InlineData("Permissions-Policy")]
    [InlineData("Cache-Control")]
    public async Task A_server_whose_rejections_lack_a_header(string header) => await OnlyFails("every answer", change: (_, response) =>
    {
        if (response.StatusCode == 401) response.Headers.Remove(header);
    });

    [Fact]
    public async Task A_server_that_sends_its_name() => await OnlyFails("every answer", change: (request, response) =>
    {
        if (request.Path == "/health") response.Headers.Server = "Kestrel";
    });

    [Theory]
    [InlineData("RateLimit")]
    [InlineData("RateLimit-Policy")]
    public async Task A_server_without_a_rate_limit(string header) =>
        await OnlyFails("answers tell the rate limit", change: (_, response) => response.Headers.Remove(header));

    [Theory]
    [InlineData("/openapi/v1.json")]
    [InlineData("/docs/")]
    public async Task A_server_that_serves_its_documentation_without_a_token(string path) => await OnlyFails(
        "the deployment does not run in Development", instead: request => request.Path == path ? 200 : null);

    [Fact]
    public async Task A_server_that_rejects_its_owner() => await OnlyFails("a valid request", change: (request, response) =>
    {
        if (IsMe(request) && SubjectOf(request) == OrionServer.Owner && request.Headers.Origin.Count == 0) response.StatusCode = 404;
    });

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task A_server_whose_sessions_do_not_work(string method) => await OnlyFails(
        "a session is created", instead: request => request.Method == method && request.Path.StartsWithSegments("/api/sessions") ? 500 : null);

    [Fact]
    public async Task A_session_whose_message_is_lost_is_deleted_nevertheless()
    {
        var before = await Orion.Database.Snapshot();

        await OnlyFails("a session is created", instead: request => request.Path.Value!.EndsWith("/messages", StringComparison.Ordinal) ? 201 : null);

        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    private static bool IsMe(HttpRequest request) => request.Path == "/api/me";

    private static string? TokenOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { Length: > 7 } authorization ? authorization["Bearer ".Length..] : null;

    private string? SubjectOf(HttpRequest request) => TokenOf(request) is { } token ? Verifier.Verify(token).Token?.Subject.Value : null;

    private static void Accept(HttpResponse response, bool isMeant)
    {
        if (isMeant) response.StatusCode = 200;
    }

    private async Task OnlyFails(
        string check,
        Func<HttpRequest, int?>? instead = null,
        Action<HttpRequest, HttpResponse>? change = null,
        bool requiresHttps = false)
    {
        await using var proxy = await BreakingProxy.Start(Server.Http.BaseAddress!, instead, change);

        var failed = (await Verify(proxy.Address, requiresHttps)).Where(done => done.Result.Status is CheckStatus.Failed or CheckStatus.NotRun);

        Assert.StartsWith(check, Assert.Single(failed).Name, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<CompletedCheck>> Verify(Uri address, bool requiresHttps = false)
    {
        Assert.True(EmailAddress.TryParse(OrionServer.Owner, out var user));
        var target = new VerificationTarget(address, Tokens, user, OrionServer.Origin, requiresHttps);
        using var probe = new Probe(address);
        return await new DeploymentVerification(target, probe, Server.Clock).Run(TestContext.Current.CancellationToken);
    }
}
