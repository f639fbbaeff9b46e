using System.Globalization;

namespace Orion.IntegrationTests.Messages;

public abstract class AppendingAndListingMessages(OrionFixture orion) : OrionTests(orion)
{
    [Fact]
    public async Task An_appended_message_is_in_its_session_at_once()
    {
        var id = await Api.Create(new { firstMessage = "First" });

        var response = (await Api.Post($"/api/sessions/{id}/messages", """{"role":"assistant","content":" Second\r\n","metadata":{"m":1}}""")).Should(201);

        ResponseShape.IsMessage(response.Json);
        Assert.Equal($"/api/sessions/{id}/messages/{response.Text("id")}", response.Header("Location"));
        Assert.Equal(2, response.Json.GetProperty("sequence").GetInt32());
        Assert.Equal("assistant", response.Text("role"));
        Assert.Equal(" Second\r\n", response.Text("content"));
        Assert.Equal(response.BodyText, (await Api.Get(response.Required("Location"))).Should(200).BodyText);
        var session = await Api.Session(id);
        Assert.Equal(2, session.GetProperty("messageCount").GetInt32());
        Assert.Equal("First", session.GetProperty("firstMessage").GetString());
        Assert.Equal(" Second\r\n", session.GetProperty("lastMessage").GetString());
        Assert.Equal(response.Text("timestamp"), session.GetProperty("updatedAt").GetString());
    }

    [Fact]
    public async Task Without_metadata_a_message_has_an_empty_object()
    {
        var id = await Api.Create();

        var response = (await Api.Post($"/api/sessions/{id}/messages", """{"role":"user","content":"x"}""")).Should(201);

        Assert.Equal("{}", response.Json.GetProperty("metadata").GetRawText());
    }

    [Theory]
    [InlineData("""{"content":"x"}""", "role")]
    [InlineData("""{"role":"system","content":"x"}""", "role")]
    [InlineData("""{"role":"User","content":"x"}""", "role")]
    [InlineData("""{"role":null,"content":"x"}""", "role")]
    [InlineData("""{"role":"user"}""", "content")]
    [InlineData("""{"role":"user","content":null}""", "content")]
    [InlineData("""{"role":"user","content":""}""", "content")]
    [InlineData("""{"role":"user","content":"\u0000"}""", "content")]
    [InlineData("""{"role":"user","content":"\ud800"}""", "content")]
    [InlineData("""{"role":"user","content":"x","metadata":"m"}""", "metadata")]
    public async Task A_message_that_is_not_accepted_is_not_stored(string body, string field)
    {
        var id = await Api.Create();

        (await ChangesNothing(() => Api.Post($"/api/sessions/{id}/messages", body))).ShouldBeProblem(400, "validation_failed", field);
    }

    [Fact]
    public async Task An_unknown_member_of_a_message_is_rejected()
    {
        var id = await Api.Create();

        var response = await ChangesNothing(() => Api.Post($"/api/sessions/{id}/messages", """{"role":"user","content":"x","sequence":9}"""));

        response.ShouldBeProblem(400, "unknown_member", "sequence");
    }

    [Fact]
    public async Task A_message_has_at_most_100000_characters()
    {
        var id = await Api.Create();
        var longest = string.Concat(Enumerable.Repeat("😀", 100_000));

        Assert.Equal(longest, (await Api.Append(id, longest)).GetProperty("content").GetString());

        var response = await ChangesNothing(() => Api.Post($"/api/sessions/{id}/messages", new { role = "user", content = longest + "x" }));
        response.ShouldBeProblem(400, "validation_failed", "content");
    }

    [Fact]
    public async Task An_archived_session_accepts_no_messages()
    {
        var id = await Api.Create();
        (await Api.Patch($"/api/sessions/{id}", """{"archived":true}""")).Should(200);

        (await ChangesNothing(() => Api.Post($"/api/sessions/{id}/messages", new { role = "user", content = "x" }))).ShouldBeProblem(409, "session_archived");
        (await ChangesNothing(() => Api.Post("/api/sessions/save-message", new { sessionId = id, role = "user", content = "x" })))
            .ShouldBeProblem(409, "session_archived");

        (await Api.Get($"/api/sessions/{id}/messages")).Should(200);
        (await Api.Patch($"/api/sessions/{id}", """{"archived":false}""")).Should(200);
        await Api.Append(id, "x");
    }

    [Fact]
    public async Task A_hundred_appends_at_once_all_succeed_and_leave_no_gap()
    {
        var id = await Api.Create();

        var responses = await Task.WhenAll(Enumerable.Range(0, 100)
            .Select(n => Api.Post($"/api/sessions/{id}/messages", new { role = n % 2 == 0 ? "user" : "assistant", content = $"Message {n}" })));

        Assert.Equal(Enumerable.Range(1, 100), responses.Select(response => response.Should(201).Json.GetProperty("sequence").GetInt32()).Order());
        var messages = (await Api.Get($"/api/sessions/{id}/messages?limit=1000")).Should(200).Items("messages");
        Assert.Equal(Enumerable.Range(1, 100), messages.Select(message => message.GetProperty("sequence").GetInt32()));
        var instants = messages.Select(message => message.GetProperty("timestamp").GetString()!).ToList();
        Assert.Equal(instants.Order(StringComparer.Ordinal), instants);
        var session = await Api.Session(id);
        Assert.Equal(100, session.GetProperty("messageCount").GetInt32());
        Assert.Equal(101, session.GetProperty("version").GetInt64());
        Assert.Equal(messages[^1].GetProperty("content").GetString(), session.GetProperty("lastMessage").GetString());
        Assert.Equal(messages[0].GetProperty("content").GetString(), session.GetProperty("firstMessage").GetString());
    }

    [Theory]
    [InlineData("", "1,2,3,4,5,6,7", null)]
    [InlineData("?order=asc&limit=3", "1,2,3", "4,5,6")]
    [InlineData("?order=desc&limit=3", "7,6,5", "4,3,2")]
    [InlineData("?order=desc&limit=7", "7,6,5,4,3,2,1", null)]
    [InlineData("?order=&limit=&cursor=", "1,2,3,4,5,6,7", null)]
    public async Task Messages_are_paged_in_the_order_of_their_sequence(string query, string first, string? second)
    {
        var id = await Api.Create();
        for (var n = 1; n <= 7; n++) await Api.Append(id, n.ToString(CultureInfo.InvariantCulture));

        var page = (await Api.Get($"/api/sessions/{id}/messages{query}")).Should(200);

        Assert.Equal(first.Split(','), page.Texts("messages", "content"));
        Assert.Equal(first.Split(',').Length, page.Json.GetProperty("count").GetInt32());
        Assert.Equal(second is null, page.NextCursor is null);
        if (second is null) return;
        var next = (await Api.Get($"/api/sessions/{id}/messages{query}&cursor={page.NextCursor}")).Should(200);
        Assert.Equal(second.Split(','), next.Texts("messages", "content"));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=1.5", "limit")]
    [InlineData("order=up", "order")]
    [InlineData("order=ASC", "order")]
    [InlineData("limit=1&limit=1", "limit")]
    public async Task An_invalid_query_parameter_is_rejected_by_name(string query, string field)
    {
        var id = await Api.Create();

        (await ChangesNothing(() => Api.Get($"/api/sessions/{id}/messages?{query}"))).ShouldBeProblem(400, "validation_failed", field);
    }

    [Fact]
    public async Task A_missing_message_of_an_existing_session_is_not_found()
    {
        var id = await Api.Create(new { firstMessage = "Hello" });
        var other = await Api.Create(new { firstMessage = "Other" });
        var foreign = (await Api.Get($"/api/sessions/{other}/messages")).Texts("messages", "id")[0];

        var expected = (await Api.Get($"/api/sessions/{id}/messages/{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}"))
            .ShouldBeProblem(404, "message_not_found").WithoutRequestDetails();

        foreach (var message in (string[])[foreign, "x", "1"])
        {
            Assert.Equal(expected, (await Api.Get($"/api/sessions/{id}/messages/{message}")).ShouldBeProblem(404, "message_not_found").WithoutRequestDetails());
        }
    }
}

[Collection(OnPostgres.Name)]
public sealed class MessagesOnPostgres(PostgresOrion orion) : AppendingAndListingMessages(orion);

[Collection(OnSqlite.Name)]
public sealed class MessagesOnSqlite(SqliteOrion orion) : AppendingAndListingMessages(orion);
