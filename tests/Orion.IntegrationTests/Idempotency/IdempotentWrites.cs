using System.Text;
using System.Text.Json;

namespace Orion.IntegrationTests.Idempotency;

/// <summary><c>Idempotency-Key</c> on the four routes that create or append: contract, section 3.</summary>
public abstract class IdempotentWrites(OrionFixture orion) : OrionTests(orion)
{
    private const string Metadata = """{"b" : [1.50, 1e5], "a":"\u00e9 😀"}""";

    /// <summary>Each route with a body of its own; ID stands for the session's id.</summary>
    public static TheoryData<string, string> Routes { get; } = new()
    {
        { "/api/sessions", $$"""{"title":"Once","firstMessage":"Hello 👩‍👩‍👧 \ud83d\ude00","metadata":{{Metadata}}}""" },
        { "/api/sessions/ID/messages", $$"""{"role":"assistant","content":"Hello \"you\" 👩‍👩‍👧\r\n","metadata":{{Metadata}}}""" },
        { "/api/sessions/create", """{"firstMessage":"Hello <b>&amp;</b> 😀","other":1}""" },
        { "/api/sessions/save-message", $$"""{"sessionId":"ID","role":"user","content":"Hello \u0007😀","metadata":{{Metadata}}}""" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_repeat_is_answered_as_the_first_was_and_writes_nothing(string route, string template)
    {
        var (path, body) = await On(Api, route, template);
        var first = (await Send(Api, path, body)).Should(201);
        Assert.Null(first.Header("Idempotency-Replayed"));

        for (var n = 0; n < 2; n++) await Replays(Api, first, path, body);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Another_body_is_refused_if_only_one_blank_is_more(string route, string template)
    {
        var (path, body) = await On(Api, route, template);
        var first = (await Send(Api, path, body)).Should(201);

        foreach (var other in (string[])[body + " ", body.Replace("Hello", "Hallo", StringComparison.Ordinal), body.Replace(",", ", ", StringComparison.Ordinal)])
            (await LeavesNoTrace(() => Send(Api, path, other))).ShouldRefuse(422, "idempotency_mismatch");

        await Replays(Api, first, path, body);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_key_is_its_users_alone_and_its_paths(string route, string template)
    {
        var (path, body) = await On(Api, route, template);
        var first = (await Send(Api, path, body)).Should(201);

        var (friendsPath, friendsBody) = await On(Friend, route, template);
        var friends = (await Send(Friend, friendsPath, friendsBody)).Should(201);
        Assert.Null(friends.Header("Idempotency-Replayed"));
        foreach (var row in Routes)
        {
            if (row.Data.Item1 == route) continue;
            var (otherPath, otherBody) = await On(Api, row.Data.Item1, row.Data.Item2);
            Assert.Null((await Send(Api, otherPath, otherBody)).Should(201).Header("Idempotency-Replayed"));
        }

        await Replays(Api, first, path, body);
        await Replays(Friend, friends, friendsPath, friendsBody);

        // Somebody else's request, key and all, is theirs no more than the session.
        if (route.Contains("ID", StringComparison.Ordinal) || template.Contains("ID", StringComparison.Ordinal))
            (await LeavesNoTrace(() => Send(Friend, path, body, "another"))).ShouldRefuse(404, "session_not_found");
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task The_answer_stays_the_first_one_until_the_session_is_deleted(string route, string template)
    {
        var (path, body) = await On(Api, route, template);
        var first = (await Send(Api, path, body)).Should(201);
        var id = first.Text("sessionId");

        (await Api.Patch($"/api/sessions/{id}", """{"title":"Another","metadata":{}}""")).Should(200);
        await Api.Append(id, "Later");
        await Replays(Api, first, path, body);
        (await Api.Patch($"/api/sessions/{id}", """{"archived":true}""")).Should(200);
        await Replays(Api, first, path, body);

        (await Api.Delete($"/api/sessions/{id}")).Should(204);
        Assert.Equal(["0|"], await Kept());
        var again = await Send(Api, path, body + " ");
        if (IsCreation(route)) Assert.NotEqual(id, again.Should(201).Text("sessionId"));
        else again.ShouldRefuse(404, "session_not_found");
        Assert.Null(again.Header("Idempotency-Replayed"));
    }

    [Fact]
    public async Task A_key_has_one_spelling_whatever_the_quotes_and_a_path_has_one_whatever_the_capitals()
    {
        var id = await Api.Create();
        const string body = """{"role":"user","content":"x"}""";
        var first = (await Send(Api, $"/api/sessions/{id}/messages", body, "a\\\"b")).Should(201);
        await Replays(Api, first, $"/api/sessions/{id.ToUpperInvariant()}/messages", body, "\"a\\\\\\\"b\"");
        await Replays(Api, first, $"/API/Sessions/{id}/Messages", body, "a\\\"b");
        Assert.Null((await Send(Api, $"/api/sessions/{id}/messages", body, "A\\\"B")).Should(201).Header("Idempotency-Replayed"));

        var longest = new string('k', 255);
        var long1 = (await Send(Api, "/api/sessions", "{}", longest)).Should(201);
        await Replays(Api, long1, "/api/sessions", "{}", $"\"{longest}\"");
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Failures_are_not_kept(string route, string template)
    {
        var (path, body) = await On(Api, route, template);
        (await LeavesNoTrace(() => Send(Api, path, "{"))).ShouldRefuse(400, "malformed_json");
        (await LeavesNoTrace(() => Send(Api, path, """{"userId":7,"title":7,"role":7}"""))).Should(400);
        if (!IsCreation(route))
        {
            var (missing, named) = (Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString(), await On(Api, "ID", "{}"));
            foreach (var id in (string[])[missing, "no-uuid"])
            {
                var asked = (Path: route.Replace("ID", id, StringComparison.Ordinal), Body: template.Replace("ID", id, StringComparison.Ordinal));
                (await LeavesNoTrace(() => Send(Api, asked.Path, asked.Body))).ShouldRefuse(404, "session_not_found");
            }

            var archived = (Path: route.Replace("ID", named.Path, StringComparison.Ordinal), Body: template.Replace("ID", named.Path, StringComparison.Ordinal));
            (await Api.Patch($"/api/sessions/{named.Path}", """{"archived":true}""")).Should(200);
            (await LeavesNoTrace(() => Send(Api, archived.Path, archived.Body))).ShouldRefuse(409, "session_archived");
            (await Api.Patch($"/api/sessions/{named.Path}", """{"archived":false}""")).Should(200);
            await Replays(Api, (await Send(Api, archived.Path, archived.Body)).Should(201), archived.Path, archived.Body);
            return;
        }

        Assert.Null((await Send(Api, path, body)).Should(201).Header("Idempotency-Replayed"));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_key_that_is_not_accepted_is_refused_by_name(string route, string template)
    {
        var (path, body) = await On(Api, route, template);
        foreach (var key in (string[])
        [
            "", new string('k', 256), $"\"{new string('k', 256)}\"", "two words", "\"two words\"", "\"\"", "\"a\"b\"", "\"a\\b\"", "\"a\\\"", "one, two", "tab\tbed",
        ])
        {
            var answer = await LeavesNoTrace(() => Send(Api, path, body, key));
            answer.ShouldRefuse(400, "validation_failed", "Idempotency-Key");
        }

        var token = TestToken.For(OrionServer.Owner, Server.Clock);
        var bytes = Encoding.UTF8.GetBytes(body);
        foreach (var lines in (string[])["Idempotency-Key: caf\u00e9", "Idempotency-Key: one\r\nIdempotency-Key: one", "Idempotency-Key:"])
        {
            var raw = Encoding.UTF8.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                + $"{lines}\r\nContent-Length: {bytes.Length}\r\n\r\n");
            (await LeavesNoTrace(() => RawHttp.SendBytes(Server.Port, [.. raw, .. bytes]))).ShouldRefuse(400, "validation_failed", "Idempotency-Key");
        }
    }

    [Fact]
    public async Task Other_routes_pass_a_key_over()
    {
        var id = await Api.Create();
        foreach (var key in (string[])["k", "two words", ""])
        {
            (string, string)[] headers = [("Idempotency-Key", key)];
            for (var n = 0; n < 2; n++)
            {
                ApiResponse[] answers =
                [
                    await Api.Get($"/api/sessions/{id}", headers), await Api.Patch($"/api/sessions/{id}", $$"""{"title":"{{n}}"}""", headers),
                    await Api.Get("/api/sessions/list", headers), await Api.Post("/api/tokens", new { sessionId = id }, headers),
                ];
                Assert.All(answers, answer => Assert.True(answer.Status is 200 or 201, answer.ToString()));
                Assert.All(answers, answer => Assert.Null(answer.Header("Idempotency-Replayed")));
            }
        }

        Assert.Equal(["0|"], await Kept());
        (await Api.Post("/api/sessions/delete", new { sessionId = id }, ("Idempotency-Key", "k"))).Should(200);
        (await Api.Post("/api/sessions/delete", new { sessionId = id }, ("Idempotency-Key", "k"))).ShouldRefuse(404, "session_not_found");
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Twenty_of_one_request_at_once_write_once_and_are_answered_alike(string route, string template)
    {
        var (path, body) = await On(Api, route, template);
        var before = await Rows();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Send(Api, path, body)));

        Assert.All(answers, answer => answer.Should(201));
        Assert.Single(answers, answer => answer.Header("Idempotency-Replayed") is null);
        Assert.Single(answers.Select(answer => (answer.BodyText, answer.Header("Location"), answer.Header("ETag"))).Distinct());
        Assert.Equal(before.Messages + 1, (await Rows()).Messages);
        Assert.Equal(before.Sessions + (IsCreation(route) ? 1 : 0), (await Rows()).Sessions);
        Assert.Equal(["1|"], await Kept());
    }

    [Theory]
    [InlineData("/api/sessions/ID/messages", """{"role":"user","content":"😀","metadata":{"a": 1}}""")]
    [InlineData("/api/sessions/save-message", """{"sessionId":"ID","role":"user","content":"😀","metadata":{"a": 1}}""")]
    public async Task Tokens_of_both_kinds_repeat_each_others_requests_as_the_user_is_the_same(string route, string template)
    {
        var id = await Api.Create();
        var (path, body) = (route.Replace("ID", id, StringComparison.Ordinal), template.Replace("ID", id, StringComparison.Ordinal));
        var page = Server.With(await Api.Mint(id));

        var first = (await Send(page, path, body)).Should(201);
        await Replays(page, first, path, body);
        await Replays(Server.With(await Api.Mint(id)), first, path, body);
        await Replays(Api, first, path, body);
        (await LeavesNoTrace(() => Send(page, path, body + " "))).ShouldRefuse(422, "idempotency_mismatch");
    }

    [Fact]
    public async Task Two_instances_on_one_database_know_each_others_keys()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        var first = (await Send(Api, "/api/sessions", "{}")).Should(201);
        await Replays(other.Api, first, "/api/sessions", "{}");

        var before = await Rows();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Send(n % 2 == 0 ? Api : other.Api, "/api/sessions", "{}", "both")));
        Assert.Single(answers, answer => answer.Should(201).Header("Idempotency-Replayed") is null);
        Assert.Single(answers.Select(answer => answer.BodyText).Distinct());
        Assert.Equal(before.Sessions + 1, (await Rows()).Sessions);
    }

    private static bool IsCreation(string route) => route is "/api/sessions" or "/api/sessions/create";

    private static Task<ApiResponse> Send(ApiClient api, string path, string body, string key = "key") => api.Post(path, body, ("Idempotency-Key", key));

    private static async Task<(string Path, string Body)> On(ApiClient api, string route, string template)
    {
        var id = await api.Create(new { title = "Given" });
        return (route.Replace("ID", id, StringComparison.Ordinal), template.Replace("ID", id, StringComparison.Ordinal));
    }

    private async Task Replays(ApiClient api, ApiResponse first, string path, string body, string key = "key")
    {
        var repeat = SecurityHeaderAssertions.ShouldBeOn((await LeavesNoTrace(() => Send(api, path, body, key))).Should(first.Status));
        Assert.Equal("true", repeat.Header("Idempotency-Replayed"));
        Assert.Equal(first.Body, repeat.Body);
        foreach (var name in (string[])["Location", "ETag", "Content-Type", "Content-Length"]) Assert.Equal(first.Header(name), repeat.Header(name));
    }

    private Task<IReadOnlyList<string>> Kept() => Orion.Database.Query("SELECT count(*) FROM idempotency_keys");

    private async Task<(int Sessions, int Messages)> Rows()
    {
        var row = (await Orion.Database.Query("SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM messages)"))[0].Split('|');
        return (JsonSerializer.Deserialize<int>(row[0]), JsonSerializer.Deserialize<int>(row[1]));
    }
}

[Collection(OnPostgres.Name)]
public sealed class IdempotentWritesOnPostgres(PostgresOrion orion) : IdempotentWrites(orion);

[Collection(OnSqlite.Name)]
public sealed class IdempotentWritesOnSqlite(SqliteOrion orion) : IdempotentWrites(orion);
