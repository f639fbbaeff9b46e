
namespace Orion.IntegrationTests.Cli.Tokens;

/// <summary><c>orion token</c> and <c>orion secret</c>.</summary>
public abstract class TokenCommandTests(OrionFixture orion) : CommandTests(orion)
{
    [Fact]
    public async Task A_minted_token_is_the_only_output_and_is_accepted()
    {
        var ended = (await Command("token", "mint")).Should(0);

        Assert.Empty(ended.Error);
        var token = Assert.Single(ended.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Trim();
        var me = (await With(token).Get("/api/me")).Should(200);
        Assert.Equal(OrionServer.Owner, me.Text("userId"));
    }

    [Fact]
    public async Task A_token_can_be_for_another_user_on_the_allow_list_and_expire_sooner()
    {
        var json = Json((await Command("token", "mint", "--user", OrionFixture.Friend, "--expires", "90s", "--json")).Should(0));

        Assert.Equal(TimeSpan.FromSeconds(90), json.GetProperty("expiresAt").GetDateTimeOffset() - json.GetProperty("issuedAt").GetDateTimeOffset());
        var me = (await With(json.GetProperty("token").GetString()!).Get("/api/me")).Should(200);
        Assert.Equal(OrionFixture.Friend, me.Text("userId"));
    }

    [Fact]
    public async Task A_user_who_is_not_authorized_gets_no_token()
    {
        var ended = (await Command("token", "mint", "--user", "stranger@example.com")).Should(1);

        ShouldBeOneLine(ended);
        Assert.Contains("stranger@example.com is not on the allow-list", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lifetime_beyond_the_configured_maximum_is_rejected()
    {
        ShouldBeOneLine((await Command("token", "mint", "--expires", "2d")).Should(64));
    }

    [Fact]
    public async Task A_session_token_gives_access_only_to_its_session()
    {
        var session = await Api.Create();
        var other = await Api.Create();

        var token = (await Command("token", "mint", "--session", session)).Should(0).Out.Trim();

        (await With(token).Get($"/api/sessions/{session}")).Should(200);
        (await With(token).Get($"/api/sessions/{other}")).Should(404);
        (await With(token).Get("/api/me")).Should(403);
        ShouldBeOneLine((await Command("token", "mint", "--user", OrionFixture.Friend, "--session", session)).Should(1));
    }

    [Fact]
    public async Task Inspect_names_the_check_that_fails_and_never_repeats_the_token()
    {
        var right = TestToken.For(OrionServer.Owner);
        (string Token, string? Fails)[] cases =
        [
            (right.ToString(), null),
            ("Bearer " + right, null),
            ((right with { Secret = "another-secret-of-the-tests-0f8e1c5a9b7d2436" }).ToString(), "signed with the shared secret"),
            (right.WithoutSignature(), "three parts"),
            (right.With("aud", "other").ToString(), "aud is JWT_AUDIENCE"),
            (right.Older(TimeSpan.FromHours(2)).ToString(), "exp is in the future"),
            (TestToken.For("stranger@example.com").ToString(), "allow-list"),
        ];
        foreach (var (token, fails) in cases)
        {
            var ended = (await CommandWithInput(token, "token", "inspect")).Should(fails is null ? 0 : 1);

            Assert.DoesNotContain(token.Split('.')[2] is { Length: > 0 } signature ? signature : token, ended.Output, StringComparison.Ordinal);
            var failed = ended.Out.Split('\n').Where(line => line.StartsWith("FAIL", StringComparison.Ordinal)).ToList();
            if (fails is null) Assert.Empty(failed);
            else Assert.Contains(fails, Assert.Single(failed), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Inspect_names_all_problems_of_a_token()
    {
        var token = TestToken.For("nobody").With("iss", "x").With("aud", "y").Older(TimeSpan.FromDays(1)) with { Secret = new string('x', 40) };

        var json = Json((await CommandWithInput(token.ToString(), "token", "inspect", "--json")).Should(1));

        var failed = json.GetProperty("checks").EnumerateArray()
            .Where(check => check.GetProperty("verdict").GetString() == "failed").Select(check => check.GetProperty("rule").GetString()!.Split(' ')[0]);
        Assert.Equal(["signed", "iss", "aud", "sub", "exp"], failed);
    }

    [Fact]
    public async Task Inspect_shows_the_time_and_the_distance_of_each_date()
    {
        var ended = (await CommandWithInput(TestToken.For(OrionServer.Owner).Older(TimeSpan.FromHours(30)).ToString(), "token", "inspect")).Should(1);
        Assert.Matches(@"(?m)^now +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$", ended.Out);
        Assert.Matches(@"(?m)^iat +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ +1 d 06:0\d:\d\d ago$", ended.Out);
        Assert.Matches(@"(?m)^exp .+Z +1 d 05:0\d:\d\d ago$", ended.Out);

        var json = Json((await CommandWithInput(TestToken.For(OrionServer.Owner).ToString(), "token", "inspect", "--json")).Should(0));
        var (now, expiresAt) = (json.GetProperty("now").GetDateTimeOffset(), json.GetProperty("expiresAt").GetDateTimeOffset());
        Assert.Equal((expiresAt - now).TotalSeconds, json.GetProperty("secondsUntilExpiry").GetDouble(), 3);
    }

    [Fact]
    public async Task Inspect_names_a_date_in_milliseconds_and_prints_no_expiry_without_one()
    {
        var right = TestToken.For(OrionServer.Owner);
        var token = right.With("iat", (long)right.Claims["iat"]! * 1000).With("exp", (long)right.Claims["exp"]! * 1000);

        var ended = (await CommandWithInput(token.ToString(), "token", "inspect")).Should(1);

        Assert.Contains("iat is in milliseconds (13 digits)", ended.Out, StringComparison.Ordinal);
        Assert.Contains($"The service rejects this token (sub {OrionServer.Owner}).", ended.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("until )", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_secret_is_128_hex_digits_and_accepted_by_the_settings()
    {
        var environment = Environment(Orion.Database);
        var secret = (await Run(new Dictionary<string, string>(), "", "secret", "new")).Should(0).Out.Trim();

        Assert.Matches("^[0-9a-f]{128}$", secret);
        environment["ORION_SHARED_JWT_SECRET"] = secret;
        (await Run(environment, "", "token", "mint")).Should(0);
    }

    [Fact]
    public async Task Settings_that_are_not_accepted_are_all_listed_as_at_a_start()
    {
        var ended = (await Run(new Dictionary<string, string> { ["ORION_ENV_FILE"] = "none" }, "", "token", "mint")).Should(78);

        Assert.Contains("ORION_SHARED_JWT_SECRET", ended.Error, StringComparison.Ordinal);
        Assert.Contains("DATABASE_URL", ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Out);
    }

    private ApiClient With(string token) => new(Server.Http, () => token);
}

[Collection(CliOnPostgres.Name)]
public sealed class TokenCommandsOnPostgres(PostgresOrion orion) : TokenCommandTests(orion);

[Collection(CliOnSqlite.Name)]
public sealed class TokenCommandsOnSqlite(SqliteOrion orion) : TokenCommandTests(orion);
