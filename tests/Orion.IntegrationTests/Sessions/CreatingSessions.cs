
namespace Orion.IntegrationTests.Sessions;

public abstract class CreatingSessions(OrionFixture orion) : OrionTests(orion)
{
    [Fact]
    public async Task A_session_can_be_created_without_members()
    {
        var response = (await Api.Post("/api/sessions", "{}")).Should(201);

        var session = response.Json;
        ResponseShape.IsSession(session);
        Assert.Equal($"/api/sessions/{response.Text("sessionId")}", response.Header("Location"));
        Assert.Equal("\"1\"", response.Header("ETag"));
        Assert.Equal(1, session.GetProperty("version").GetInt64());
        Assert.Equal(OrionServer.Owner, response.Text("userId"));
        Assert.Equal("New Chat", response.Text("title"));
        Assert.Equal("", response.Text("firstMessage"));
        Assert.Equal("", response.Text("lastMessage"));
        Assert.Equal(0, session.GetProperty("messageCount").GetInt32());
        Assert.Equal("{}", session.GetProperty("metadata").GetRawText());
        Assert.Equal(response.Text("createdAt"), response.Text("updatedAt"));
        Assert.Equal('7', response.Text("sessionId")[14]);
    }

    [Fact]
    public async Task A_created_session_is_read_back_byte_for_byte()
    {
        var made = (await Api.Post("/api/sessions", new { firstMessage = "Grüße, 世界 👋🏽 <b>&\"", metadata = new { a = 1 } })).Should(201);

        var read = (await Api.Get(made.Required("Location"))).Should(200);

        Assert.Equal(made.BodyText, read.BodyText);
        Assert.Equal(made.Header("ETag"), read.Header("ETag"));
        Assert.Contains("Grüße, 世界 👋🏽", read.BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_message_is_stored_as_message_1_of_the_user()
    {
        var id = await Api.Create(new { firstMessage = " Hello there " });

        var message = Assert.Single((await Api.Get($"/api/sessions/{id}/messages")).Should(200).Items("messages"));
        ResponseShape.IsMessage(message);
        Assert.Equal(1, message.GetProperty("sequence").GetInt32());
        Assert.Equal("user", message.GetProperty("role").GetString());
        Assert.Equal(" Hello there ", message.GetProperty("content").GetString());
        var session = await Api.Session(id);
        Assert.Equal(1, session.GetProperty("messageCount").GetInt32());
        Assert.Equal(" Hello there ", session.GetProperty("firstMessage").GetString());
        Assert.Equal("Hello there", session.GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("""{"firstMessage":null,"title":null,"metadata":null}""")]
    [InlineData("""{"firstMessage":""}""")]
    [InlineData("""{"firstMessage":" \n\t "}""")]
    public async Task Null_and_a_blank_first_message_are_absent(string body)
    {
        var response = (await Api.Post("/api/sessions", body)).Should(201);

        Assert.Equal("New Chat", response.Text("title"));
        Assert.Equal(0, response.Json.GetProperty("messageCount").GetInt32());
    }

    [Fact]
    public async Task A_given_title_is_not_changed()
    {
        var response = (await Api.Post("/api/sessions", new { title = "  Mine  ", firstMessage = "Hello" })).Should(201);

        Assert.Equal("  Mine  ", response.Text("title"));
    }

    public static TheoryData<string, string> DerivedTitles { get; } = new()
    {
        { new string('a', 50), new string('a', 50) },
        { new string('a', 51), new string('a', 50) + "..." },
        { "  " + new string('b', 50) + "  ", new string('b', 50) },
        // Code points are counted, not UTF-16 units.
        { Times("😀", 50), Times("😀", 50) },
        { Times("😀", 51), Times("😀", 50) + "..." },
        // A family emoji of seven code points that does not fit is left out.
        { new string('c', 45) + "👨‍👩‍👧‍👦 and more", new string('c', 45) + "..." },
        { new string('d', 49) + "e\u0301 and more", new string('d', 49) + "..." },
        // A cluster that is longer than the limit is cut inside.
        { "e" + Times("\u0301", 60), "e" + Times("\u0301", 49) + "..." },
    };

    [Theory]
    [MemberData(nameof(DerivedTitles))]
    public async Task Without_a_title_the_first_50_characters_of_the_first_message_name_the_session(string firstMessage, string title)
    {
        var response = (await Api.Post("/api/sessions", new { firstMessage })).Should(201);

        Assert.Equal(title, response.Text("title"));
    }

    [Fact]
    public async Task A_session_without_a_name_is_named_by_the_first_message_of_the_user()
    {
        var id = await Api.Create();

        await Api.Append(id, "I am an assistant", role: "assistant");
        Assert.Equal("New Chat", (await Api.Session(id)).GetProperty("title").GetString());

        await Api.Append(id, "What is the time?");
        Assert.Equal("What is the time?", (await Api.Session(id)).GetProperty("title").GetString());

        await Api.Append(id, "And the date?");
        Assert.Equal("What is the time?", (await Api.Session(id)).GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_given_title_stays_even_if_it_is_New_Chat()
    {
        var given = await Api.Create(new { title = "New Chat" });
        var patched = await Api.Create();
        (await Api.Patch($"/api/sessions/{patched}", new { title = "New Chat" })).Should(200);

        await Api.Append(given, "Hello");
        await Api.Append(patched, "Hello");

        Assert.Equal("New Chat", (await Api.Session(given)).GetProperty("title").GetString());
        Assert.Equal("New Chat", (await Api.Session(patched)).GetProperty("title").GetString());
    }

    [Fact]
    public async Task Previews_have_1000_characters_and_messages_have_the_full_text()
    {
        var text = Times("é😀", 700);
        var id = await Api.Create(new { firstMessage = text });

        var session = await Api.Session(id);
        Assert.Equal(Times("é😀", 500), session.GetProperty("firstMessage").GetString());
        Assert.Equal(Times("é😀", 500), session.GetProperty("lastMessage").GetString());
        Assert.Equal(text, Assert.Single((await Api.Get($"/api/sessions/{id}/messages")).Texts("messages", "content")));
    }

    [Fact]
    public async Task The_longest_texts_are_accepted()
    {
        var title = Times("😀", 200);
        var text = Times("😀", 100_000);
        var id = await Api.Create(new { title, firstMessage = text });

        Assert.Equal(title, (await Api.Session(id)).GetProperty("title").GetString());
        Assert.Equal(text, Assert.Single((await Api.Get($"/api/sessions/{id}/messages")).Texts("messages", "content")));
    }

    public static TheoryData<string, string> InvalidValues { get; } = new()
    {
        { $$"""{"title":"{{Times("x", 201)}}"}""", "title" },
        { """{"title":""}""", "title" },
        { """{"title":" \t\u00a0"}""", "title" },
        { """{"title":"\u200b"}""", "title" },
        { """{"title":"\u2800 \ufeff"}""", "title" },
        { """{"metadata":{"k":"\ud83d"}}""", "metadata" },
        { """{"metadata":{"\ud83d":1}}""", "metadata" },
        { """{"metadata":{"a":[{"b":{"\udE80":["x"]}},"\ud83d\ude80"]}}""", "metadata" },
        { """{"title":"a\u0000b"}""", "title" },
        { """{"title":"a\ud800b"}""", "title" },
        { """{"title":"\udc00"}""", "title" },
        { """{"firstMessage":"a\u0000b"}""", "firstMessage" },
        { """{"firstMessage":"\ud83d"}""", "firstMessage" },
        { $$"""{"firstMessage":"{{Times("y", 100_001)}}"}""", "firstMessage" },
        { """{"metadata":[]}""", "metadata" },
        { """{"metadata":"{}"}""", "metadata" },
        { """{"metadata":7}""", "metadata" },
        { $$"""{"metadata":{"a":"{{Times("z", (16 * 1024) - 7)}}"} }""", "metadata" },
    };

    [Theory]
    [MemberData(nameof(InvalidValues), DisableDiscoveryEnumeration = true)]
    public async Task A_value_outside_of_its_limits_is_rejected_by_name(string body, string field)
    {
        var response = await ChangesNothing(() => Api.Post("/api/sessions", body));

        response.ShouldBeProblem(400, "validation_failed", field);
    }

    [Theory]
    [InlineData("""{"title":7}""")]
    [InlineData("""{"title":["a"]}""")]
    [InlineData("""{"firstMessage":true}""")]
    [InlineData("""{"title":"a","title":"b"}""")]
    [InlineData("""{"metadata":{},"metadata":{}}""")]
    public async Task A_value_of_another_type_and_a_duplicate_member_are_rejected(string body)
    {
        var response = await ChangesNothing(() => Api.Post("/api/sessions", body));

        response.Should(400);
        Assert.Contains(response.Text("error"), (string[])["validation_failed", "malformed_json"]);
    }

    [Fact]
    public async Task The_first_unknown_member_is_rejected_by_name()
    {
        var response = await ChangesNothing(() => Api.Post("/api/sessions", """{"title":"a","owner":"x","other":1}"""));

        response.ShouldBeProblem(400, "unknown_member", "owner");
    }

    [Theory]
    [InlineData("имя", "имя")]
    [InlineData("", "(unprintable name)")]
    [InlineData("\u200b", "(unprintable name)")]
    public async Task The_name_of_an_unknown_member_is_echoed_readably(string member, string echo)
    {
        var response = await ChangesNothing(() => Api.Post("/api/sessions", $$"""{"{{member}}":1}"""));

        response.ShouldBeProblem(400, "unknown_member", echo);
    }

    [Fact]
    public async Task An_unreadable_name_is_malformed_unless_the_route_has_the_member()
    {
        (await ChangesNothing(() => Api.Post("/api/sessions", """{"\ud83d":1}"""))).ShouldBeProblem(400, "malformed_json");
        (await ChangesNothing(() => Api.Post("/api/sessions/create", """{"other":{"\ud83d":1}}"""))).ShouldBeProblem(400, "malformed_json");
        (await ChangesNothing(() => Api.Post("/api/sessions", """{"metadata":{"\ud83d":1},"metadata":{}}"""))).Should(400);
    }

    [Fact]
    public async Task An_invisible_first_message_is_absent()
    {
        var response = (await Api.Post("/api/sessions", """{"firstMessage":"\u200b\u2800 "}""")).Should(201);

        Assert.Equal("New Chat", response.Text("title"));
        Assert.Equal(0, response.Json.GetProperty("messageCount").GetInt32());
    }

    [Fact]
    public async Task Member_names_are_case_sensitive()
    {
        var response = await ChangesNothing(() => Api.Post("/api/sessions", """{"Title":"a"}"""));

        response.ShouldBeProblem(400, "unknown_member", "Title");
    }

    [Fact]
    public async Task At_most_64_printable_characters_of_an_unknown_member_are_echoed()
    {
        var response = await ChangesNothing(() => Api.Post("/api/sessions", $$"""{"\u0001\u202e{{Times("n", 5000)}}":1}"""));

        response.ShouldBeProblem(400, "unknown_member");
        Assert.True(response.Body.Length < 1500, response.ToString());
        Assert.DoesNotContain(Times("n", 65), response.BodyText, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", response.BodyText, StringComparison.Ordinal);
        Assert.DoesNotContain("u202e", response.BodyText, StringComparison.OrdinalIgnoreCase);
    }

    private static string Times(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}

[Collection(OnPostgres.Name)]
public sealed class CreatingSessionsOnPostgres(PostgresOrion orion) : CreatingSessions(orion);

[Collection(OnSqlite.Name)]
public sealed class CreatingSessionsOnSqlite(SqliteOrion orion) : CreatingSessions(orion);
