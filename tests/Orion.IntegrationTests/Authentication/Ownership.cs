
namespace Orion.IntegrationTests.Authentication;

/// <summary>Tests every route of the running server. A new route is included automatically.</summary>
public abstract class Ownership(OrionFixture orion) : OrionTests(orion)
{
    // Routes that name no session. A new route must be added here, or name its session in its path or in a table of RouteRequests.
    private static readonly string[] WithoutSession =
        ["/api/sessions", "/api/sessions/create", "/api/sessions/list", "/api/me", "/api/tokens/revoke", "/api/models", "/api/chat-stream-v2", "/api/export"];

    [Fact]
    public void Every_route_of_the_API_is_covered_by_this_test()
    {
        var routes = Route.Of(Server);

        Assert.Contains(routes, route => route.Path == "/api/sessions/{sessionId}");
        Assert.All(routes.Where(route => route.Path.StartsWith("/api", StringComparison.Ordinal) && route.Method != "*"), route =>
            Assert.True(route.NamesSession() || WithoutSession.Contains(route.Path), $"{route.Method} {route.Path}"));
    }

    [Fact]
    public void Only_these_routes_are_anonymous()
    {
        var open = Route.Of(Server).Where(route => route.IsAnonymous).Select(route => route.Path).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(["/", "/health", "/health/live", "/health/ready"], open);
    }

    [Fact]
    public async Task Another_users_session_is_like_a_missing_one_on_every_route_and_does_not_change()
    {
        var foreign = await Api.Create(new { title = "The owner's", firstMessage = "Secret" });
        var message = (await Api.Get($"/api/sessions/{foreign}/messages")).Texts("messages", "id")[0];
        var missing = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        var routes = Route.Of(Server).Where(route => route.NamesSession()).ToList();
        Assert.True(routes.Count >= 9, string.Join('\n', routes));

        foreach (var route in routes)
        {
            var expected = await ChangesNothing(() => Friend.Ask(route, missing, message));
            var response = await ChangesNothing(() => Friend.Ask(route, foreign, message));
            var shouted = await ChangesNothing(() => Friend.Ask(route, foreign.ToUpperInvariant(), message));
            var malformed = await ChangesNothing(() => Friend.Ask(route, "no-uuid", message));
            foreach (var one in (ApiResponse[])[expected, response, shouted, malformed])
            {
                one.ShouldBeProblem(404, "session_not_found");
                Assert.Equal(expected.HeaderNames.Order(), one.HeaderNames.Order());
                if (route.Method != "HEAD") Assert.Equal(expected.WithoutRequestDetails(), one.WithoutRequestDetails());
            }
        }

        Assert.Equal("The owner's", (await Api.Session(foreign)).GetProperty("title").GetString());
    }

    [Fact]
    public async Task The_same_requests_succeed_for_the_callers_own_session()
    {
        foreach (var route in Route.Of(Server).Where(route => route.NamesSession()))
        {
            var own = await Friend.Create(new { firstMessage = "Mine" });
            var item = route.Path.Contains("{replyId}", StringComparison.Ordinal)
                ? (await Friend.Post($"/api/sessions/{own}/replies", "{}")).Should(201).Text("replyId")
                : (await Friend.Get($"/api/sessions/{own}/messages")).Texts("messages", "id")[0];
            var response = await Friend.Ask(route, own, item);
            Assert.True(response.Status is >= 200 and < 300, response.ToString());
        }
    }

    [Fact]
    public async Task Lists_contain_only_the_callers_sessions()
    {
        await Api.Create(new { firstMessage = "The owner's" });

        Assert.Equal("""{"sessions":[],"count":0}""", (await Friend.Get("/api/sessions?archived=any")).Should(200).BodyText);
        Assert.Equal("""{"sessions":[],"count":0}""", (await Friend.Get("/api/sessions/list")).Should(200).BodyText);
    }

    [Fact]
    public async Task Every_route_requires_a_valid_token()
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
            // A valid session token of another user's session.
            ($"Bearer {TestToken.ForSession(OrionFixture.Friend, id)}", 401, "invalid_token"),
            ($"Bearer {TestToken.For("nobody@example.com")}", 403, "not_authorized"),
            ($"Bearer {TestToken.ForSession("nobody@example.com", id)}", 403, "not_authorized"),
        ];

        foreach (var route in Route.Of(Server).Where(route => route is { IsAnonymous: false, Method: not "*" }))
        {
            foreach (var (authorization, status, error) in callers)
            {
                (string, string)[] headers = authorization is null ? [] : [("Authorization", authorization)];
                (await ChangesNothing(() => Server.Anonymous.Ask(route, id, message, headers))).ShouldBeProblem(status, error);
            }
        }
    }

    [Fact]
    public async Task Each_of_two_users_sees_only_their_own_sessions()
    {
        var id = await Api.Create(new { title = "The owner's" });
        var friends = await Friend.Create(new { title = "The friend's" });

        (await Friend.Get($"/api/sessions/{id}")).ShouldBeProblem(404, "session_not_found");
        (await Api.Get($"/api/sessions/{friends}")).ShouldBeProblem(404, "session_not_found");
        Assert.Equal([id], (await Api.Get("/api/sessions")).Texts("sessions", "sessionId"));
        Assert.Equal([friends], (await Friend.Get("/api/sessions")).Texts("sessions", "sessionId"));
    }
}

[Collection(OnPostgres.Name)]
public sealed class OwnershipOnPostgres(PostgresOrion orion) : Ownership(orion);

[Collection(OnSqlite.Name)]
public sealed class OwnershipOnSqlite(SqliteOrion orion) : Ownership(orion);
