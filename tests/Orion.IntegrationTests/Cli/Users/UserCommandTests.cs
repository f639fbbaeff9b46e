using System.Security.Cryptography;

namespace Orion.IntegrationTests.Cli.Users;

/// <summary><c>orion users</c>, next to a running service.</summary>
public abstract class UserCommandTests(OrionFixture orion) : CommandTests(orion)
{
    // The service caches a user for up to 5 s.
    private static readonly TimeSpan UntilItCounts = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_user_is_granted_revoked_and_granted_again_with_earlier_tokens_rejected()
    {
        var guest = NewAddress();
        var early = Guest(TestToken.For(guest));
        (await Command("users", "grant", guest)).Should(0);
        (await early.Get("/api/me")).Should(200);

        (await Command("users", "revoke", guest)).Should(0);
        await Task.Delay(UntilItCounts, TestContext.Current.CancellationToken);
        (await early.Get("/api/me")).Should(403);

        (await Command("users", "grant", guest)).Should(0);
        var late = Guest(TestToken.For(guest));
        await Task.Delay(UntilItCounts, TestContext.Current.CancellationToken);
        (await early.Get("/api/me")).Should(401);
        (await late.Get("/api/me")).Should(200);
    }

    [Fact]
    public async Task Signing_out_rejects_all_tokens_up_to_now_and_none_minted_afterwards()
    {
        var guest = NewAddress();
        (await Command("users", "grant", guest)).Should(0);
        var early = Guest(TestToken.For(guest));

        (await Command("users", "sign-out", guest)).Should(0);

        var late = Guest(TestToken.For(guest));
        await Task.Delay(UntilItCounts, TestContext.Current.CancellationToken);
        (await early.Get("/api/me")).Should(401);
        (await late.Get("/api/me")).Should(200);
    }

    [Fact]
    public async Task The_configured_owner_cannot_be_revoked_and_the_message_names_the_setting()
    {
        var ended = (await Command("users", "revoke", OrionServer.Owner.ToUpperInvariant())).Should(1);

        ShouldBeOneLine(ended);
        Assert.Contains("AUTHORIZED_USER_EMAIL", ended.Error, StringComparison.Ordinal);
        (await Api.Get("/api/me")).Should(200);

        // The settings of another machine do not determine the owner of the running service.
        var elsewhere = Environment(Orion.Database, ("AUTHORIZED_USER_EMAIL", "somebody@example.com"));
        ShouldBeOneLine((await Run(elsewhere, "", "users", "revoke", OrionServer.Owner)).Should(1));
    }

    [Fact]
    public async Task A_repeated_command_is_reported_and_an_unknown_user_is_rejected()
    {
        var guest = NewAddress();
        ShouldBeOneLine((await Command("users", "revoke", guest)).Should(1));
        ShouldBeOneLine((await Command("users", "sign-out", guest)).Should(1));
        (await Command("users", "grant", guest)).Should(0);

        Assert.Contains("already", (await Command("users", "grant", guest)).Should(0).Out, StringComparison.Ordinal);
        Assert.Contains("already", (await Command("users", "grant", OrionServer.Owner)).Should(0).Out, StringComparison.Ordinal);
        (await Command("users", "revoke", guest)).Should(0);
        Assert.Contains("already", (await Command("users", "revoke", guest)).Should(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_shows_every_user_and_the_source_of_the_authorization()
    {
        var guest = NewAddress();
        (await Command("users", "grant", guest)).Should(0);
        (await Command("users", "revoke", guest)).Should(0);

        var users = Json((await Command("users", "list", "--json")).Should(0)).GetProperty("users").EnumerateArray().ToList();
        var table = (await Command("users", "list")).Should(0).Out;

        var owner = users.Single(user => user.GetProperty("email").GetString() == OrionServer.Owner);
        Assert.Equal("configuration", owner.GetProperty("source").GetString());
        Assert.True(owner.GetProperty("isAuthorized").GetBoolean());
        Assert.False(users.Single(user => user.GetProperty("email").GetString() == guest).GetProperty("isAuthorized").GetBoolean());
        Assert.Matches($"(?m)^{guest} +revoked +grant ", table);
        Assert.Matches($"(?m)^{OrionServer.Owner} +authorized +settings ", table);
    }

    [Fact]
    public async Task A_revocation_by_a_clock_ahead_is_not_waited_for_and_the_operator_can_undo_it()
    {
        var guest = NewAddress();
        (await Command("users", "grant", guest)).Should(0);
        Server.Clock.Advance(TimeSpan.FromHours(1));
        try
        {
            (await Server.As(guest).Post("/api/tokens/revoke", new { })).Should(204);
        }
        finally
        {
            Server.Clock.Advance(TimeSpan.FromHours(-1));
        }

        var rejected = (await Command("token", "mint", "--user", guest)).Should(1);
        ShouldBeOneLine(rejected);
        Assert.Contains("ahead of this machine's clock", rejected.Error, StringComparison.Ordinal);
        Assert.Contains("--clock-was-ahead", (await Command("users", "sign-out", guest)).Should(0).Error, StringComparison.Ordinal);
        (await Command("token", "mint", "--user", guest)).Should(1);

        Assert.Empty((await Command("users", "sign-out", guest, "--clock-was-ahead")).Should(0).Error);

        var late = Guest(TestToken.For(guest));
        (await Command("token", "mint", "--user", guest)).Should(0);
        await Task.Delay(UntilItCounts, TestContext.Current.CancellationToken);
        (await late.Get("/api/me")).Should(200);
    }

    private static string NewAddress() => $"guest-{RandomNumberGenerator.GetHexString(8, lowercase: true)}@example.com";

    private ApiClient Guest(TestToken token) => new(Server.Http, token.ToString);
}

[Collection(CliOnPostgres.Name)]
public sealed class UserCommandsOnPostgres(PostgresOrion orion, PostgresServers servers) : UserCommandTests(orion)
{
    [Fact]
    public async Task A_read_only_database_is_reported_as_read_only()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        (await Run(Environment(database, role.Url), "", "migrate")).Should(0);
        await role.Alter("SET default_transaction_read_only = on");

        var ended = (await Run(Environment(database, role.Url), "", "users", "grant", "somebody@example.com")).Should(69);

        ShouldBeOneLine(ended);
        Assert.Contains("cannot be written to. The current operation was not saved.", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("became unavailable", ended.Error, StringComparison.Ordinal);
    }
}

[Collection(CliOnSqlite.Name)]
public sealed class UserCommandsOnSqlite(SqliteOrion orion) : UserCommandTests(orion);
