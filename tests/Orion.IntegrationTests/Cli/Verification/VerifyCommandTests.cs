using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

namespace Orion.IntegrationTests.Cli.Verification;

/// <summary><c>orion verify</c> as an operator runs it.</summary>
public abstract class VerifyCommandTests(OrionFixture orion) : CommandTests(orion)
{
    private string Url => Server.Http.BaseAddress!.ToString();

    [Fact]
    public async Task A_good_deployment_passes_every_check_and_no_data_stays()
    {
        var junit = Path.GetTempFileName();
        var before = await Orion.Database.Snapshot();

        var ended = (await Command("verify", Url, "--junit", junit)).Should(0);

        Assert.EndsWith($"16/16 passed, 1 skipped: {Url.TrimEnd('/')}", ended.Out.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(before, await Orion.Database.Snapshot());
        var suite = XDocument.Load(junit).Root!.Element("testsuite")!;
        Assert.Equal(("17", "0"), (suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value));
        Assert.Equal(17, suite.Elements("testcase").Count());
        File.Delete(junit);
    }

    [Fact]
    public async Task On_loopback_of_a_deployment_that_requires_HTTPS_it_acts_as_the_proxy()
    {
        await using var server = await OrionServer.Start(Orion.Database, ("REQUIRE_HTTPS", "true"));
        var environment = Environment(Orion.Database, ("REQUIRE_HTTPS", "true"));

        Assert.Contains("16/16 passed", (await Run(environment, "", "verify", server.Http.BaseAddress!.ToString())).Should(0).Out, StringComparison.Ordinal);
        var failed = (await Run(environment, "", "verify", Url)).Should(1);
        Assert.Contains("15/16 passed", failed.Out, StringComparison.Ordinal);
        Assert.Contains("FAIL  plain HTTP", failed.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_file_replaces_the_settings_and_a_wrong_secret_fails()
    {
        var file = Path.GetTempFileName();
        var nothing = new Dictionary<string, string> { ["ORION_ENV_FILE"] = "none" };
        string[] command = ["verify", Url, "--secret-file", file, "--issuer", TestToken.Issuer, "--user", OrionServer.Owner, "--json"];

        await File.WriteAllTextAsync(file, TestToken.SharedSecret + "\n", TestContext.Current.CancellationToken);
        var right = Json((await Run(nothing, "", command)).Should(0));
        Assert.Equal((15, 0, 2), (right.GetProperty("passed").GetInt32(), right.GetProperty("failed").GetInt32(), right.GetProperty("skipped").GetInt32()));

        await File.WriteAllTextAsync(file, "another-secret-of-the-tests-0f8e1c5a9b7d2436", TestContext.Current.CancellationToken);
        var wrong = (await Run(nothing, "", command)).Should(1);
        Assert.Equal((2, 1, 14), (Json(wrong).GetProperty("passed").GetInt32(), Json(wrong).GetProperty("failed").GetInt32(), Json(wrong).GetProperty("notRun").GetInt32()));
        Assert.Contains("The deployment rejects the token.", wrong.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("another-secret", wrong.Output, StringComparison.Ordinal);
        ShouldBeOneLine((await Run(nothing, "", "verify", Url, "--secret-file", file)).Should(64));
        File.Delete(file);
    }

    [Fact]
    public async Task When_interrupted_it_deletes_its_session()
    {
        if (OperatingSystem.IsWindows()) return;
        var before = await Orion.Database.Snapshot();
        var appending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var proxy = await BreakingProxy.Start(Server.Http.BaseAddress!, instead: request =>
        {
            if (!request.Path.Value!.EndsWith("/messages", StringComparison.Ordinal)) return null;
            appending.TrySetResult();
            // As long as the command waits.
            request.HttpContext.RequestAborted.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
            return 500;
        });

        var ended = await OrionCommand.RunProcess(
            ["verify", proxy.Address.ToString()], Path.GetTempPath(), Environment(Orion.Database), meanwhile: async process =>
            {
                await appending.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
                Assert.NotEqual(before, await Orion.Database.Snapshot());
                using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            });

        Assert.Equal(130, ended.ExitCode);
        Assert.Equal(before, await Orion.Database.Snapshot());
    }
}

[Collection(CliOnPostgres.Name)]
public sealed class VerifyCommandOnPostgres(PostgresOrion orion) : VerifyCommandTests(orion);

[Collection(CliOnSqlite.Name)]
public sealed class VerifyCommandOnSqlite(SqliteOrion orion) : VerifyCommandTests(orion)
{
    [Theory]
    [InlineData("http://chat.example.com")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("https://chat.example.com/path")]
    [InlineData("chat.example.com")]
    public async Task An_address_that_must_not_receive_tokens_is_rejected(string url) => ShouldBeOneLine((await Command("verify", url)).Should(64));
}
