
namespace Orion.IntegrationTests.Authentication;

/// <summary>Walks the route table as it is at run time: a new route is in these tests by itself.</summary>
public abstract class Ownership(OrionFixture orion) : OrionTests(orion)
{
    // Routes that name no session. A new route must be put here, or name its session in its path, or in a table of RouteRequests.
    private static readonly string[] WithoutSession =
        ["/api/sessions", "/api/sessions/create", "/api/sessions/list", "/api/me", "/api/tokens/revoke"];

    [Fact]
    public void Every_route_of_the_API_is_known_to_this_test()
    {
        var routes = Route.Of(Server);

        Assert.Contains(routes, route => route.Path == "/api/sessions/{sessionId}");
        Assert.All(routes.Where(route => route.Path.StartsWith("/api", StringComparison.Ordinal) && route.Method != "*"), route =>
            Assert.True(route.NamesSession() || WithoutSession.Contains(route.Path), $"{route.Method} {route.Path}"));
    }

    [Fact]
    public void Only_these_routes_are_open_to_everybody()
    {
        var open = Route.Of(Server).Where(route => route.IsAnonymous).Select(route => route.Path).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(["/", "/health", "/health/live", "/health/ready"], open);
    }

    [Fact]
    public async Task Somebody_elses_session_answers_as_a_missing_one_on_every_route_and_nothing_happens_to_it()
    {
        var foreign = await Api.Create(new { title = "The owner's", firstMessage = "Secret" });
        var message = (await Api.Get($"/api/sessions/{foreign}/messages")).Texts("messages", "id")[0];
        var missing = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        var routes = Route.Of(Server).Where(route => route.NamesSession()).ToList();
        Assert.True(routes.Count >= 9, string.Join('\n', routes));

        foreach (var route in routes)
        {
            var wanted = await LeavesNoTrace(() => Friend.Ask(route, missing, message));
            var answer = await LeavesNoTrace(() => Friend.Ask(route, foreign, message));
            var shouted = await LeavesNoTrace(() => Friend.Ask(route, foreign.ToUpperInvariant(), message));
            var malformed = await LeavesNoTrace(() => Friend.Ask(route, "no-uuid", message));
            foreach (var one in (ApiResponse[])[wanted, answer, shouted, malformed])
            {
                one.ShouldRefuse(404, "session_not_found");
                Assert.Equal(wanted.HeaderNames.Order(), one.HeaderNames.Order());
                if (route.Method != "HEAD") Assert.Equal(wanted.WithoutWhoAndWhere(), one.WithoutWhoAndWhere());
            }
        }

        Assert.Equal("The owner's", (await Api.Session(foreign)).GetProperty("title").GetString());
    }

    [Fact]
    public async Task The_same_requests_reach_ones_own_session()
    {
        foreach (var route in Route.Of(Server).Where(route => route.NamesSession()))
        {
            var own = await Friend.Create(new { firstMessage = "Mine" });
            var message = (await Friend.Get($"/api/sessions/{own}/messages")).Texts("messages", "id")[0];
            var answer = await Friend.Ask(route, own, message);
            Assert.True(answer.Status is >= 200 and < 300, answer.ToString());
        }
    }

    [Fact]
    public async Task Lists_show_nobody_elses_sessions()
    {
        await Api.Create(new { firstMessage = "The owner's" });

        Assert.Equal("""{"sessions":[],"count":0}""", (await Friend.Get("/api/sessions?archived=any")).Should(200).BodyText);
        Assert.Equal("""{"sessions":[],"count":0}""", (await Friend.Get("/api/sessions/list")).Should(200).BodyText);
    }

    [Fact]
    public async Task Nobody_reaches_any_route_without_a_token_that_counts()
    {
        var id = await Api.Create(new { firstMessage = "Secret" });
        var message = (await Api.Get($"/api/sessions/{id}/messages")).Texts("messages", "id")[0];
        (string? Authorization, int Status, string Error)[] callers =
        [
            (null, 401, "missing_token"),
            ($"Bearer {TestToken.For(OrionServer.Owner) with { Secret = "another secret, as long as the real one is" }}", 401, "invalid_token"),
            ($"Bearer {TestToken.For(OrionServer.Owner).Older(TimeSpan.FromHours(2))}", 401, "invalid_token"),
            ($"Bearer {TestToken.ForSession(OrionServer.Owner, id).Older(TimeSpan.FromHours(2))}", 401, "invalid_token"),
            ($"Bearer {TestToken.ForSession(OrionServer.Owner, id) with { Header = TestToken.For(OrionServer.Owner).Header }}", 401, "invalid_token"),
            ($"Bearer {TestToken.For(OrionServer.Owner) with { Header = TestToken.SessionHeader }}", 401, "invalid_token"),
            // A genuine session token, of a session that is somebody else's.
            ($"Bearer {TestToken.ForSession(OrionFixture.Friend, id)}", 401, "invalid_token"),
            ($"Bearer {TestToken.For("nobody@example.com")}", 403, "not_authorized"),
            ($"Bearer {TestToken.ForSession("nobody@example.com", id)}", 403, "not_authorized"),
        ];

        foreach (var route in Route.Of(Server).Where(route => route is { IsAnonymous: false, Method: not "*" }))
        {
            foreach (var (authorization, status, error) in callers)
            {
                (string, string)[] headers = authorization is null ? [] : [("Authorization", authorization)];
                (await LeavesNoTrace(() => Server.Anonymous.Ask(route, id, message, headers))).ShouldRefuse(status, error);
            }
        }
    }

    [Fact]
    public async Task Two_people_each_see_their_own_sessions_alone()
    {
        var id = await Api.Create(new { title = "The owner's" });
        var friends = await Friend.Create(new { title = "The friend's" });

        (await Friend.Get($"/api/sessions/{id}")).ShouldRefuse(404, "session_not_found");
        (await Api.Get($"/api/sessions/{friends}")).ShouldRefuse(404, "session_not_found");
        Assert.Equal([id], (await Api.Get("/api/sessions")).Texts("sessions", "sessionId"));
        Assert.Equal([friends], (await Friend.Get("/api/sessions")).Texts("sessions", "sessionId"));
    }
}

[Collection(OnPostgres.Name)]
public sealed class OwnershipOnPostgres(PostgresOrion orion) : Ownership(orion);

[Collection(OnSqlite.Name)]
public sealed class OwnershipOnSqlite(SqliteOrion orion) : Ownership(orion);
