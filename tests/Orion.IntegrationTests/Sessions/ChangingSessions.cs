using System.Globalization;
using System.Text.Json;

namespace Orion.IntegrationTests.Sessions;

public abstract class ChangingSessions(OrionFixture orion) : OrionTests(orion)
{
    [Fact]
    public async Task A_patch_replaces_only_the_given_members()
    {
        var made = (await Api.Post("/api/sessions", new { title = "Old", firstMessage = "Hi", metadata = new { a = 1 } })).Should(201);
        var id = made.Text("sessionId");

        var response = (await Api.Patch($"/api/sessions/{id}", new { title = "New" })).Should(200);

        ResponseShape.IsSession(response.Json);
        Assert.Equal("New", response.Text("title"));
        Assert.Equal("""{"a":1}""", response.Json.GetProperty("metadata").GetRawText());
        Assert.Equal("Hi", response.Text("firstMessage"));
        Assert.Equal(made.Text("createdAt"), response.Text("createdAt"));
        Assert.Equal("\"2\"", response.Header("ETag"));
        Assert.Equal(2, response.Json.GetProperty("version").GetInt64());
        Assert.Equal(response.BodyText, (await Api.Get($"/api/sessions/{id}")).BodyText);
    }

    [Fact]
    public async Task A_patch_of_several_members_is_one_change()
    {
        var id = await Api.Create();

        var response = (await Api.Patch($"/api/sessions/{id}", """{"title":"T","archived":true,"metadata":{"x":1}}""")).Should(200);

        Assert.Equal("\"2\"", response.Header("ETag"));
        ResponseShape.IsSession(response.Json, archived: true);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"title":null,"archived":null,"metadata":null}""")]
    [InlineData("""{"title":"Same"}""")]
    [InlineData("""{"archived":false}""")]
    [InlineData("""{"metadata":{"a":1}}""")]
    public async Task A_patch_without_a_change_keeps_the_version(string body)
    {
        var id = await Api.Create(new { title = "Same", metadata = new { a = 1 } });
        var before = (await Api.Get($"/api/sessions/{id}")).BodyText;

        var response = (await ChangesNothing(() => Api.Patch($"/api/sessions/{id}", body))).Should(200);

        Assert.Equal(before, response.BodyText);
        Assert.Equal("\"1\"", response.Header("ETag"));
    }

    [Fact]
    public async Task Archiving_and_restoring_changes_archivedAt()
    {
        var id = await Api.Create();

        var archived = (await Api.Patch($"/api/sessions/{id}", """{"archived":true}""")).Should(200);
        ResponseShape.IsSession(archived.Json, archived: true);
        Assert.Equal(archived.Text("updatedAt"), archived.Text("archivedAt"));

        var again = (await ChangesNothing(() => Api.Patch($"/api/sessions/{id}", """{"archived":true}"""))).Should(200);
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
    public async Task An_invalid_patch_does_not_change_the_session(string body, string error, string field)
    {
        var id = await Api.Create();

        (await ChangesNothing(() => Api.Patch($"/api/sessions/{id}", body))).ShouldBeProblem(400, error, field);
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

        var response = await Api.Patch($"/api/sessions/{id}", new { title = "After" }, ("If-Match", condition));

        if (status == 412) response.ShouldBeProblem(412, "precondition_failed");
        else response.Should(status);
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

        var response = await Api.Delete($"/api/sessions/{id}", ("If-Match", condition));

        if (status == 412) response.ShouldBeProblem(412, "precondition_failed");
        else response.Should(status);
        (await Api.Get($"/api/sessions/{id}")).Should(status == 204 ? 404 : 200);
    }

    [Fact]
    public async Task Only_one_of_several_concurrent_patches_of_one_version_succeeds()
    {
        var id = await Api.Create();

        var responses = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(n => Api.Patch($"/api/sessions/{id}", new { title = $"Title {n}" }, ("If-Match", "\"1\""))));

        var winner = Assert.Single(responses, response => response.Status == 200);
        Assert.All(responses.Where(response => response != winner), response => response.ShouldBeProblem(412, "precondition_failed"));
        Assert.Equal(winner.BodyText, (await Api.Get($"/api/sessions/{id}")).BodyText);
    }

    [Fact]
    public async Task Without_If_Match_all_concurrent_patches_succeed()
    {
        var id = await Api.Create();

        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Api.Patch($"/api/sessions/{id}", new { title = $"Title {n}" })));

        Assert.Equal(Enumerable.Range(2, 20), responses.Select(response => (int)response.Should(200).Json.GetProperty("version").GetInt64()).Order());
    }

    [Fact]
    public async Task The_version_grows_by_one_with_an_append()
    {
        var id = await Api.Create();

        await Api.Append(id, "one");
        await Api.Append(id, "two");

        var response = (await Api.Get($"/api/sessions/{id}")).Should(200);
        Assert.Equal("\"3\"", response.Header("ETag"));
        Assert.Equal(3, response.Json.GetProperty("version").GetInt64());
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
            var response = (await Server.Anonymous.Patch($"/api/sessions/{id}", new { title = "T" }, ("Authorization", $"Bearer {token}"))).Should(200);
            Assert.Equal(before, Instant(response.Json.GetProperty("updatedAt")));
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
        var remaining = await Api.Create(new { firstMessage = "Kept" });
        var message = (await Api.Get($"/api/sessions/{id}/messages")).Texts("messages", "id")[0];

        var response = (await Api.Delete($"/api/sessions/{id}")).Should(204);

        Assert.Empty(response.Body);
        foreach (var path in (string[])["", "/messages", $"/messages/{message}"])
        {
            (await Api.Get($"/api/sessions/{id}{path}")).ShouldBeProblem(404, "session_not_found");
        }

        (await Api.Delete($"/api/sessions/{id}")).ShouldBeProblem(404, "session_not_found");
        Assert.Equal([remaining], (await Api.Get("/api/sessions?archived=any")).Texts("sessions", "sessionId"));
        Assert.Equal(["1|"], await Orion.Database.Query("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task An_archived_session_can_be_deleted()
    {
        var id = await Api.Create();
        (await Api.Patch($"/api/sessions/{id}", new { archived = true })).Should(200);

        (await Api.Delete($"/api/sessions/{id}")).Should(204);

        (await Api.Get($"/api/sessions/{id}")).ShouldBeProblem(404, "session_not_found");
    }

    [Fact]
    public async Task The_case_of_an_id_does_not_matter_and_other_spellings_are_not_found()
    {
        var id = await Api.Create();
        (await Api.Get($"/api/sessions/{id.ToUpperInvariant()}")).Should(200);
        var missing = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        var expected = (await Api.Get($"/api/sessions/{missing}")).ShouldBeProblem(404, "session_not_found").WithoutRequestDetails();

        foreach (var other in (string[])[id.Replace("-", "", StringComparison.Ordinal), $"%7B{id}%7D", $"({id})", $"{id}%20", $"%20{id}", id[..35], "create7",
            "00000000-0000-0000-0000-000000000000", "0x" + id[2..]])
        {
            var response = (await Api.Get($"/api/sessions/{other}")).ShouldBeProblem(404, "session_not_found");
            Assert.Equal(expected, response.WithoutRequestDetails());
        }
    }

    private static DateTimeOffset Instant(JsonElement text) => DateTimeOffset.Parse(text.GetString()!, CultureInfo.InvariantCulture);
}

[Collection(OnPostgres.Name)]
public sealed class ChangingSessionsOnPostgres(PostgresOrion orion) : ChangingSessions(orion);

[Collection(OnSqlite.Name)]
public sealed class ChangingSessionsOnSqlite(SqliteOrion orion) : ChangingSessions(orion);
