using System.Globalization;

namespace Orion.IntegrationTests.Legacy;

public abstract class LegacyRoutes(OrionFixture orion) : OrionTests(orion)
{
    private static readonly string[] Paths =
        ["/api/sessions/create", "/api/sessions/list", "/api/sessions/messages", "/api/sessions/save-message", "/api/sessions/delete"];

    [Fact]
    public async Task Create_returns_201_with_the_session()
    {
        var response = (await Api.Post("/api/sessions/create", new { userId = OrionServer.Owner, firstMessage = "Hello" })).Should(201);

        ResponseShape.IsSession(response.Json);
        Assert.Equal("Hello", response.Text("title"));
        Assert.Equal(response.BodyText, (await Api.Get($"/api/sessions/{response.Text("sessionId")}")).Should(200).BodyText);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"userId":null,"firstMessage":null}""")]
    [InlineData("""{"userId":"","firstMessage":""}""")]
    [InlineData("""{"userId":"OWNER@Example.com","firstMessage":"owner@example.com"}""")]
    [InlineData("""{"firstMessage":"Owner@example.com"}""")]
    [InlineData("""{"title":"passed over","whatever":[1]}""")]
    public async Task Create_ignores_the_callers_own_address_as_a_message_and_unknown_members(string body)
    {
        var response = (await Api.Post("/api/sessions/create", body)).Should(201);

        Assert.Equal("New Chat", response.Text("title"));
        Assert.Equal(0, response.Json.GetProperty("messageCount").GetInt32());
    }

    [Fact]
    public async Task The_list_of_a_new_user_is_empty()
    {
        Assert.Equal("""{"sessions":[],"count":0}""", (await Api.Get("/api/sessions/list")).Should(200).BodyText);
    }

    [Fact]
    public async Task The_list_shows_the_last_changed_first_without_archived_ones()
    {
        var first = await Api.Create(new { title = "1" });
        var second = await Api.Create(new { title = "2" });
        var archived = await Api.Create();
        (await Api.Patch($"/api/sessions/{archived}", """{"archived":true}""")).Should(200);
        await Api.Append(first, "later");

        var list = (await Api.Get($"/api/sessions/list?userId={OrionServer.Owner}")).Should(200);

        Assert.Equal(["sessions", "count"], list.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal([first, second], list.Texts("sessions", "sessionId"));
        Assert.Equal([first], (await Api.Get("/api/sessions/list?limit=1&userId=")).Should(200).Texts("sessions", "sessionId"));
        Assert.Equal([second], (await Api.Get("/api/sessions/list?limit=1&sortBy=createdAt&sortOrder=desc")).Should(200).Texts("sessions", "sessionId"));
        Assert.Equal([first, second], (await Api.Get("/api/sessions/list?sortBy=createdAt&sortOrder=asc&unknown=1")).Should(200).Texts("sessions", "sessionId"));
        Assert.Empty((await Api.Get("/api/sessions/list?startDate=2100-01-01T00:00:00.000Z")).Should(200).Items("sessions"));
        Assert.Empty((await Api.Get("/api/sessions/list?endDate=2000-01-01T00:00:00.000Z")).Should(200).Items("sessions"));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("sortBy=title", "sortBy")]
    [InlineData("sortOrder=none", "sortOrder")]
    [InlineData("startDate=x", "startDate")]
    [InlineData("userId=owner@example.com&userId=owner@example.com", "userId")]
    public async Task An_invalid_query_of_the_list_is_rejected(string query, string field)
    {
        (await ChangesNothing(() => Api.Get($"/api/sessions/list?{query}"))).ShouldBeProblem(400, "validation_failed", field);
    }

    [Fact]
    public async Task A_list_without_a_limit_has_100_sessions_and_with_one_up_to_1000()
    {
        for (var n = 0; n < 101; n++) await Api.Create();

        Assert.Equal(100, (await Api.Get("/api/sessions/list")).Should(200).Json.GetProperty("count").GetInt32());
        var all = (await Api.Get("/api/sessions/list?limit=1000")).Should(200);
        Assert.Equal(101, all.Json.GetProperty("count").GetInt32());
        Assert.False(all.Json.TryGetProperty("truncated", out _));
    }

    [Fact]
    public async Task A_saved_message_is_in_its_session()
    {
        var id = await Api.Create();

        var saved = (await Api.Post("/api/sessions/save-message",
            $$"""{"userId":"owner@example.com","sessionId":"{{id}}","role":"assistant","content":"Hi","metadata":{"z":1,"a":1e5},"extra":0}""")).Should(201);

        ResponseShape.IsMessage(saved.Json);
        Assert.Equal("""{"z":1,"a":1e5}""", saved.Json.GetProperty("metadata").GetRawText());
        var listed = (await Api.Get($"/api/sessions/messages?sessionId={id}&userId={OrionServer.Owner}")).Should(200);
        Assert.Equal($$"""{"messages":[{{saved.BodyText}}],"count":1}""", listed.BodyText);
    }

    [Fact]
    public async Task All_messages_are_returned_oldest_first()
    {
        var id = await Api.Create();
        for (var n = 1; n <= 120; n++) await Api.Append(id, n.ToString(CultureInfo.InvariantCulture));

        var listed = (await Api.Get($"/api/sessions/messages?sessionId={id.ToUpperInvariant()}")).Should(200);

        Assert.Equal(Enumerable.Range(1, 120).Select(n => n.ToString(CultureInfo.InvariantCulture)), listed.Texts("messages", "content"));
    }

    [Fact]
    public async Task Delete_returns_success_and_the_session_no_longer_exists()
    {
        var id = await Api.Create(new { firstMessage = "Hello" });

        var response = (await Api.Post("/api/sessions/delete", new { userId = OrionServer.Owner, sessionId = id })).Should(200);

        Assert.Equal(["success", "message"], response.Json.EnumerateObject().Select(member => member.Name));
        Assert.True(response.Json.GetProperty("success").GetBoolean());
        Assert.NotEqual("", response.Text("message"));
        (await Api.Get($"/api/sessions/{id}")).ShouldBeProblem(404, "session_not_found");
        (await Api.Post("/api/sessions/delete", new { sessionId = id })).ShouldBeProblem(404, "session_not_found");
    }

    [Theory]
    [InlineData("/api/sessions/save-message", """{"role":"user","content":"x"}""", "sessionId")]
    [InlineData("/api/sessions/save-message", """{"sessionId":null,"role":"user","content":"x"}""", "sessionId")]
    [InlineData("/api/sessions/save-message", """{"sessionId":"ID","content":"x"}""", "role")]
    [InlineData("/api/sessions/save-message", """{"sessionId":"ID","role":"user","content":""}""", "content")]
    [InlineData("/api/sessions/delete", "{}", "sessionId")]
    [InlineData("/api/sessions/create", """{"firstMessage":"\u0000"}""", "firstMessage")]
    public async Task A_missing_member_is_named(string path, string body, string field)
    {
        var id = await Api.Create();

        (await ChangesNothing(() => Api.Post(path, body.Replace("ID", id, StringComparison.Ordinal)))).ShouldBeProblem(400, "validation_failed", field);
    }

    [Fact]
    public async Task Listing_messages_requires_a_session()
    {
        (await Api.Get("/api/sessions/messages")).ShouldBeProblem(400, "validation_failed", "sessionId");
        (await Api.Get("/api/sessions/messages?sessionId=")).ShouldBeProblem(400, "validation_failed", "sessionId");
    }

    [Theory]
    [InlineData("friend@example.com")]
    [InlineData("nobody@example.com")]
    [InlineData("not an address")]
    [InlineData(" owner@example.com")]
    public async Task A_user_that_is_not_the_caller_is_rejected_on_every_route(string userId)
    {
        var id = await Api.Create(new { firstMessage = "Mine" });
        var query = $"userId={Uri.EscapeDataString(userId)}";

        foreach (var send in (Func<Task<ApiResponse>>[])[
            () => Api.Post("/api/sessions/create", new { userId }),
            () => Api.Get($"/api/sessions/list?{query}"),
            () => Api.Get($"/api/sessions/messages?sessionId={id}&{query}"),
            () => Api.Post("/api/sessions/save-message", new { userId, sessionId = id, role = "user", content = "x" }),
            () => Api.Post("/api/sessions/delete", new { userId, sessionId = id }),
            () => Api.Post($"/api/sessions/create?{query}", "{}"),
            () => Api.Post($"/api/sessions/create?{query}", new { userId = OrionServer.Owner }),
            () => Api.Post($"/api/sessions/create?userId={OrionServer.Owner}", new { userId }),
            () => Api.Post($"/api/sessions/save-message?{query}", new { sessionId = id, role = "user", content = "x" }),
            () => Api.Post($"/api/sessions/delete?{query}", new { sessionId = id })])
        {
            (await ChangesNothing(send)).ShouldBeProblem(403, "user_mismatch");
        }
    }

    [Fact]
    public async Task The_callers_address_in_the_query_is_accepted_once_and_rejected_twice()
    {
        var id = await Api.Create();
        foreach (var query in (string[])["userId=OWNER@Example.com", "userId=", "other=1"])
        {
            (await Api.Post($"/api/sessions/create?{query}", "{}")).Should(201);
            (await Api.Post($"/api/sessions/save-message?{query}", new { sessionId = id, role = "user", content = "x" })).Should(201);
        }

        var twice = $"userId={OrionServer.Owner}&userId={OrionServer.Owner}";
        (await ChangesNothing(() => Api.Post($"/api/sessions/create?{twice}", "{}"))).ShouldBeProblem(400, "validation_failed", "userId");
        (await ChangesNothing(() => Api.Post($"/api/sessions/delete?{twice}", new { sessionId = id }))).ShouldBeProblem(400, "validation_failed", "userId");
        (await Api.Post($"/api/sessions/delete?userId={OrionServer.Owner}", new { sessionId = id })).Should(200);
    }

    [Fact]
    public async Task Another_method_on_these_paths_is_405_and_never_a_session_of_that_name()
    {
        foreach (var path in Paths)
        {
            var allowed = path is "/api/sessions/list" or "/api/sessions/messages" ? "GET, HEAD" : "POST";
            foreach (var method in (string[])["GET", "POST", "PUT", "PATCH", "DELETE"])
            {
                if (allowed.Contains(method, StringComparison.Ordinal)) continue;
                var response = await ChangesNothing(() => Api.Send(new HttpMethod(method), path, null));
                response.ShouldBeProblem(405, "method_not_allowed");
                Assert.Equal(allowed.Split(", "), response.Required("Allow").Split(',').Select(name => name.Trim()).Order());
            }
        }
    }
}

[Collection(OnPostgres.Name)]
public sealed class LegacyRoutesOnPostgres(PostgresOrion orion) : LegacyRoutes(orion);

[Collection(OnSqlite.Name)]
public sealed class LegacyRoutesOnSqlite(SqliteOrion orion) : LegacyRoutes(orion);
