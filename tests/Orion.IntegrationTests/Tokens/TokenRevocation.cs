
namespace Orion.IntegrationTests.Tokens;

/// <summary><c>POST /api/tokens/revoke</c>. Each test has its own user.</summary>
public abstract class TokenRevocation(OrionFixture orion) : OrionTests(orion)
{
    private readonly string _email = $"leaver-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";

    private ApiClient User => Server.As(_email);

    [Fact]
    public async Task Tokens_issued_up_to_that_second_are_rejected_and_one_minted_after_the_response_works()
    {
        await Orion.Authorize(_email);
        var id = await User.Create();
        for (var n = 0; n < 3; n++)
        {
            List<string> tokens = [await User.Mint(id), UserToken().ToString()];
            if (n == 0) tokens.Add(UserToken().Older(TimeSpan.FromMinutes(1)).ToString());
            foreach (var token in tokens) (await Server.With(token).Get($"/api/sessions/{id}")).Should(200);

            var revoking = User.Post("/api/tokens/revoke", null);
            while (!revoking.IsCompleted)
            {
                // Until the second is over, tokens can still be issued in it.
                tokens.Add(UserToken().ToString());
                await Task.Delay(30, TestContext.Current.CancellationToken);
            }

            var response = SecurityHeaderAssertions.ShouldBeOn((await revoking).Should(204));
            var next = UserToken().ToString();
            await Server.RevocationAppliesEverywhere();
            Assert.Empty(response.Body);
            foreach (var token in tokens.Where(token => SecondOf(token) < SecondOf(next)).Append(tokens[0]))
                (await ChangesNothing(() => Server.With(token).Get($"/api/sessions/{id}"))).ShouldBeProblem(401, "invalid_token");
            (await Server.With(next).Get($"/api/sessions/{id}")).Should(200);
            (await Server.With(await Server.With(next).Mint(id)).Get($"/api/sessions/{id}")).Should(200);
        }
    }

    [Fact]
    public async Task The_response_is_sent_when_the_second_is_over()
    {
        await Orion.Authorize(_email);
        for (var n = 0; n < 5; n++)
        {
            var before = UserToken().ToString();
            (await Server.With(before).Post("/api/tokens/revoke", null)).Should(204);
            var after = UserToken().ToString();

            Assert.True(SecondOf(after) > SecondOf(before));
            (await Server.With(after).Get("/api/me")).Should(200);
        }
    }

    [Fact]
    public async Task Two_concurrent_revocations_work_and_no_other_user_is_signed_out()
    {
        await Orion.Authorize(_email);
        var (owners, friends) = (TestToken.For(OrionServer.Owner, Server.Clock).ToString(), TestToken.For(OrionFixture.Friend, Server.Clock).ToString());
        var old = UserToken().ToString();

        var responses = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Server.With(old).Post("/api/tokens/revoke", null)));

        // A request that arrives after another revocation was committed is itself rejected.
        Assert.All(responses, response => Assert.True(response.Status is 204 or 401, response.ToString()));
        Assert.Contains(responses, response => response.Status == 204);
        (await User.Get("/api/me")).Should(200);
        (await Server.With(old).Get("/api/me")).ShouldBeProblem(401, "invalid_token");
        (await Server.With(owners).Get("/api/me")).Should(200);
        (await Server.With(friends).Get("/api/me")).Should(200);
    }

    [Fact]
    public async Task It_holds_within_5_seconds_on_another_instance_and_after_a_restart()
    {
        await Orion.Authorize(_email);
        var id = await User.Create();
        string[] old = [UserToken().ToString(), await User.Mint(id)];
        await using var other = await OrionServer.Start(Orion.Database);
        foreach (var token in old) (await other.With(token).Get($"/api/sessions/{id}")).Should(200);

        (await User.Post("/api/tokens/revoke", null)).Should(204);
        await using var restarted = await OrionServer.Start(Orion.Database);
        foreach (var token in old) (await restarted.With(token).Get($"/api/sessions/{id}")).ShouldBeProblem(401, "invalid_token");
        (await restarted.As(_email).Get($"/api/sessions/{id}")).Should(200);

        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        foreach (var token in old) (await other.With(token).Get($"/api/sessions/{id}")).ShouldBeProblem(401, "invalid_token");
        (await other.As(_email).Get($"/api/sessions/{id}")).Should(200);
    }

    [Fact]
    public async Task A_revocation_is_logged()
    {
        await Orion.Authorize(_email);
        var before = Server.Log.All.Count(line => line.Event.Id == 1105);

        (await User.Post("/api/tokens/revoke", null)).Should(204);

        Assert.Equal(before + 1, Server.Log.All.Count(line => line.Event is { Id: 1105, Name: "TokensRevoked" }));
    }

    private TestToken UserToken() => TestToken.For(_email, Server.Clock);

    private static long SecondOf(string token) => TestToken.ClaimsOf(token).GetProperty("iat").GetInt64();
}

[Collection(OnPostgres.Name)]
public sealed class TokenRevocationOnPostgres(PostgresOrion orion) : TokenRevocation(orion);

[Collection(OnSqlite.Name)]
public sealed class TokenRevocationOnSqlite(SqliteOrion orion) : TokenRevocation(orion);
