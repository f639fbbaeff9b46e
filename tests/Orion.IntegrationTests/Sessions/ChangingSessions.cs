using System.Globalization;
using System.Text.Json;

namespace Orion.IntegrationTests.Sessions;

public abstract class ChangingSessions(OrionFixture orion) : OrionTests(orion)
{
    [Fact]
    public async Task A_patch_replaces_what_is_given_and_nothing_else()
    {
        var made = (await Api.Post("/api/sessions", new { title = "Old", firstMessage = "Hi", metadata = new { a = 1 } })).Should(201);
        var id = made.Text("sessionId");

        var answer = (await Api.Patch($"/api/sessions/{id}", new { title = "New" })).Should(200);

        ResponseShape.IsSession(answer.Json);
        Assert.Equal("New", answer.Text("title"));
        Assert.Equal("""{"a":1}""", answer.Json.GetProperty("metadata").GetRawText());
        Assert.Equal("Hi", answer.Text("firstMessage"));
        Assert.Equal(made.Text("createdAt"), answer.Text("createdAt"));
        Assert.Equal("\"2\"", answer.Header("ETag"));
        Assert.Equal(2, answer.Json.GetProperty("version").GetInt64());
        Assert.Equal(answer.BodyText, (await Api.Get($"/api/sessions/{id}")).BodyText);
    }

    [Fact]
    public async Task A_patch_of_several_members_is_one_change()
    {
        var id = await Api.Create();

        var answer = (await Api.Patch($"/api/sessions/{id}", """{"title":"T","archived":true,"metadata":{"x":1}}""")).Should(200);

        Assert.Equal("\"2\"", answer.Header("ETag"));
        ResponseShape.IsSession(answer.Json, archived: true);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"title":null,"archived":null,"metadata":null}""")]
    [InlineData("""{"title":"Same"}""")]
    [InlineData("""{"archived":false}""")]
    [InlineData("""{"metadata":{"a":1}}""")]
    public async Task A_patch_that_changes_nothing_changes_nothing(string body)
    {
        var id = await Api.Create(new { title = "Same", metadata = new { a = 1 } });
        var before = (await Api.Get($"/api/sessions/{id}")).BodyText;

        var answer = (await LeavesNoTrace(() => Api.Patch($"/api/sessions/{id}", body))).Should(200);

        Assert.Equal(before, answer.BodyText);
        Assert.Equal("\"1\"", answer.Header("ETag"));
    }

    [Fact]
    public async Task Archiving_and_restoring_a_session_shows_in_it()
    {
        var id = await Api.Create();

        var archived = (await Api.Patch($"/api/sessions/{id}", """{"archived":true}""")).Should(200);
        ResponseShape.IsSession(archived.Json, archived: true);
        Assert.Equal(archived.Text("updatedAt"), archived.Text("archivedAt"));

        var again = (await LeavesNoTrace(() => Api.Patch($"/api/sessions/{id}", """{"archived":true}"""))).Should(200);
        Assert.Equal(archived.BodyText, again.BodyText);

        var restored = (await Api.Patch($"/api/sessions/{id}", """{"archived":false}""")).Should(200);
        ResponseShape.IsSession(restored.Json);
        Assert.Equal("\"3\"", restored.Header("ETag"));
    }

    [Theory]
    [InlineData("""{"title":" "}""", "validation_failed", "title")]
    [InlineData("""{"metadata":[]}""", "validation_failed", "metadata")]
    [InlineData("""{"firstMessage":"x"}""", "unknown_member", "firstMessage")]
    [InlineData("""{"version":7}""", "unknown_member", "version")]
    [InlineData("""{"userId":"friend@example.com"}""", "unknown_member", "userId")]
    public async Task A_patch_that_is_not_accepted_leaves_the_session_alone(string body, string error, string field)
    {
        var id = await Api.Create();

        (await LeavesNoTrace(() => Api.Patch($"/api/sessions/{id}", body))).ShouldRefuse(400, error, field);
    }

    [Theory]
    [InlineData("\"1\"", 200)]
    [InlineData("*", 200)]
    [InlineData("\"7\", \"1\"", 200)]
    [InlineData("\"2\"", 412)]
    [InlineData("W/\"1\"", 200)]
    [InlineData("\"7\", W/\"1\"", 200)]
    [InlineData("W/\"2\"", 412)]
    [InlineData("\"01\"", 412)]
    [InlineData("1", 412)]
    [InlineData("garbage", 412)]
    [InlineData("\"99\", *", 412)]
    [InlineData("*, \"1\"", 412)]
    [InlineData("*, *", 412)]
    public async Task If_Match_is_honoured_by_a_patch(string condition, int status)
    {
        var id = await Api.Create(new { title = "Before" });

        var answer = await Api.Patch($"/api/sessions/{id}", new { title = "After" }, ("If-Match", condition));

        if (status == 412) answer.ShouldRefuse(412, "precondition_failed");
        else answer.Should(status);
        Assert.Equal(status == 200 ? "After" : "Before", (await Api.Session(id)).GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("\"1\"", 204)]
    [InlineData("*", 204)]
    [InlineData("W/\"1\"", 204)]
    [InlineData("\"9\"", 412)]
    public async Task If_Match_is_honoured_by_a_deletion(string condition, int status)
    {
        var id = await Api.Create();

        var answer = await Api.Delete($"/api/sessions/{id}", ("If-Match", condition));

        if (status == 412) answer.ShouldRefuse(412, "precondition_failed");
        else answer.Should(status);
        (await Api.Get($"/api/sessions/{id}")).Should(status == 204 ? 404 : 200);
    }

    [Fact]
    public async Task A_race_for_one_version_has_one_winner()
    {
        var id = await Api.Create();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(n => Api.Patch($"/api/sessions/{id}", new { title = $"Title {n}" }, ("If-Match", "\"1\""))));

        var winner = Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer != winner), answer => answer.ShouldRefuse(412, "precondition_failed"));
        Assert.Equal(winner.BodyText, (await Api.Get($"/api/sessions/{id}")).BodyText);
    }

    [Fact]
    public async Task Without_If_Match_every_one_of_a_race_succeeds()
    {
        var id = await Api.Create();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Api.Patch($"/api/sessions/{id}", new { title = $"Title {n}" })));

        Assert.Equal(Enumerable.Range(2, 20), answers.Select(answer => (int)answer.Should(200).Json.GetProperty("version").GetInt64()).Order());
    }

    [Fact]
    public async Task The_version_grows_by_one_with_an_append()
    {
        var id = await Api.Create();

        await Api.Append(id, "one");
        await Api.Append(id, "two");

        var answer = (await Api.Get($"/api/sessions/{id}")).Should(200);
        Assert.Equal("\"3\"", answer.Header("ETag"));
        Assert.Equal(3, answer.Json.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task UpdatedAt_never_goes_back()
    {
        var id = await Api.Create();
        var token = TestToken.For(OrionServer.Owner).ToString();
        var before = Instant((await Api.Session(id)).GetProperty("updatedAt"));

        Server.Clock.Advance(TimeSpan.FromSeconds(-30));
        try
        {
            var answer = (await Server.Anonymous.Patch($"/api/sessions/{id}", new { title = "T" }, ("Authorization", $"Bearer {token}"))).Should(200);
            Assert.Equal(before, Instant(answer.Json.GetProperty("updatedAt")));
        }
        finally
        {
            Server.Clock.Advance(TimeSpan.FromSeconds(30));
        }

        var after = (await Api.Patch($"/api/sessions/{id}", new { title = "U" })).Should(200);
        Assert.True(Instant(after.Json.GetProperty("updatedAt")) > before);
    }

    [Fact]
    public async Task A_deleted_session_takes_its_messages_with_it()
    {
        var id = await Api.Create(new { firstMessage = "Hello" });
        var kept = await Api.Create(new { firstMessage = "Kept" });
        var message = (await Api.Get($"/api/sessions/{id}/messages")).Texts("messages", "id")[0];

        var answer = (await Api.Delete($"/api/sessions/{id}")).Should(204);

        Assert.Empty(answer.Body);
        foreach (var path in (string[])["", "/messages", $"/messages/{message}"])
        {
            (await Api.Get($"/api/sessions/{id}{path}")).ShouldRefuse(404, "session_not_found");
        }

        (await Api.Delete($"/api/sessions/{id}")).ShouldRefuse(404, "session_not_found");
        Assert.Equal([kept], (await Api.Get("/api/sessions?archived=any")).Texts("sessions", "sessionId"));
        Assert.Equal(["1|"], await Orion.Database.Query("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task An_archived_session_can_be_deleted()
    {
        var id = await Api.Create();
        (await Api.Patch($"/api/sessions/{id}", new { archived = true })).Should(200);

        (await Api.Delete($"/api/sessions/{id}")).Should(204);

        (await Api.Get($"/api/sessions/{id}")).ShouldRefuse(404, "session_not_found");
    }

    [Fact]
    public async Task An_id_may_be_spelled_in_any_case_and_in_no_other_way()
    {
        var id = await Api.Create();
        (await Api.Get($"/api/sessions/{id.ToUpperInvariant()}")).Should(200);
        var missing = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        var wanted = (await Api.Get($"/api/sessions/{missing}")).ShouldRefuse(404, "session_not_found").WithoutWhoAndWhere();

        foreach (var other in (string[])[id.Replace("-", "", StringComparison.Ordinal), $"%7B{id}%7D", $"({id})", $"{id}%20", $"%20{id}", id[..35], "create7",
            "00000000-0000-0000-0000-000000000000", "0x" + id[2..]])
        {
            var answer = (await Api.Get($"/api/sessions/{other}")).ShouldRefuse(404, "session_not_found");
            Assert.Equal(wanted, answer.WithoutWhoAndWhere());
        }
    }

    private static DateTimeOffset Instant(JsonElement text) => DateTimeOffset.Parse(text.GetString()!, CultureInfo.InvariantCulture);
}

[Collection(OnPostgres.Name)]
public sealed class ChangingSessionsOnPostgres(PostgresOrion orion) : ChangingSessions(orion);

[Collection(OnSqlite.Name)]
public sealed class ChangingSessionsOnSqlite(SqliteOrion orion) : ChangingSessions(orion);
