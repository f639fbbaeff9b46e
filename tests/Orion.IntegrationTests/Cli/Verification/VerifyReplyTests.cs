using Microsoft.AspNetCore.Http;
using Orion.Cli.Verification;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;

namespace Orion.IntegrationTests.Cli.Verification;

/// <summary><c>orion verify</c> asks the model for a reply, and leaves nothing behind.</summary>
[Collection(CliOnSqlite.Name)]
public sealed class VerifyReplyTests(SqliteOrion orion) : OrionTests(orion)
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
    public async Task Without_a_model_it_is_skipped_with_the_reason()
    {
        // Without MODEL_URL, in Production.
        await using var process = await MonitoredOrion.Start(Orion.Database);

        Assert.Equal(new VerificationResult(CheckStatus.Skipped, "no model is configured (MODEL_URL)"), await Check(new Uri(process.Address)));
    }

    [Fact]
    public async Task A_reply_of_one_word_passes_and_no_data_stays()
    {
        await using var model = await ModelStandIn.Start();
        await using var server = await OrionServer.Start(Orion.Database, model.Settings);

        Assert.Equal(VerificationResult.Passed, await Check(server.Http.BaseAddress!));

        Assert.Equal(["user: Reply with one word: yes"], model.Request.Messages);
        await NothingStays();
    }

    [Theory]
    [InlineData(401, true, "The model's provider rejects the request.")]
    [InlineData(429, false, "the model failed (model_busy)")]
    [InlineData(500, false, "the model failed (model_unavailable)")]
    public async Task Only_a_rejected_request_of_the_model_is_a_failure(int status, bool isFailure, string detail)
    {
        await using var model = await ModelStandIn.Start();
        model.Script = reply => reply.Error(status, "a_type", "a_code", "A message.");
        await using var server = await OrionServer.Start(Orion.Database, model.Settings);

        var result = await Check(server.Http.BaseAddress!);

        Assert.Equal(isFailure ? CheckStatus.Failed : CheckStatus.Skipped, result.Status);
        Assert.StartsWith(detail, result.Detail, StringComparison.Ordinal);
        await NothingStays();
    }

    [Fact]
    public async Task A_proxy_that_buffers_the_stream_is_found()
    {
        await using var model = await ModelStandIn.Start();
        model.Script = async reply =>
        {
            await reply.Text("y");
            await Task.Delay(TimeSpan.FromSeconds(3), reply.Aborted);
            await reply.Text("es");
            await reply.Finish();
        };
        await using var server = await OrionServer.Start(Orion.Database, model.Settings);
        // It reads a response to its end before it sends it.
        await using var proxy = await BreakingProxy.Start(server.Http.BaseAddress!);

        Assert.Equal(VerificationResult.Passed, await Check(server.Http.BaseAddress!));
        var buffered = await Check(proxy.Address);

        Assert.Equal(CheckStatus.Failed, buffered.Status);
        Assert.StartsWith("The stream of a reply arrived at its end, in one piece. The proxy in front must not buffer", buffered.Detail, StringComparison.Ordinal);
        await NothingStays();
    }

    [Theory]
    [InlineData("Cache-Control", "no Cache-Control")]
    [InlineData("X-Content-Type-Options", "no X-Content-Type-Options")]
    public async Task A_header_that_is_missing_on_the_stream_is_found(string header, string expected)
    {
        await using var proxy = await BreakingProxy.Start(Server.Http.BaseAddress!, change: (request, response) =>
        {
            if (IsReply(request)) response.Headers.Remove(header);
        });

        Assert.Equal(VerificationResult.Failed($"The stream of a reply: {expected}."), await Check(proxy.Address));
        await NothingStays();
    }

    [Fact]
    public async Task A_proxy_that_fails_on_the_stream_is_found()
    {
        await using var proxy = await BreakingProxy.Start(Server.Http.BaseAddress!, instead: request => IsReply(request) ? 502 : null);

        Assert.Equal(VerificationResult.Failed("Asking the model returned 502 instead of a stream."), await Check(proxy.Address));
        await NothingStays();
    }

    private static bool IsReply(HttpRequest request) => request.Path.Value!.EndsWith("/replies", StringComparison.Ordinal);

    private static async Task<VerificationResult> Check(Uri address)
    {
        Assert.True(EmailAddress.TryParse(OrionServer.Owner, out var user));
        var target = new VerificationTarget(address, Tokens, user, OrionServer.Origin, RequiresHttps: false);
        using var probe = new Probe(address);
        var token = VerificationTokens.Mint(target, TimeProvider.System, user);
        return await new ReplyCheck(target, probe, token, TimeProvider.System).Run(TestContext.Current.CancellationToken);
    }

    private async Task NothingStays() => Assert.Equal(["0|"], await Orion.Database.Query("SELECT count(*) FROM sessions"));
}
