using System.Text;
using System.Text.Json;

namespace Orion.IntegrationTests.Idempotency;

/// <summary><c>Idempotency-Key</c> on the routes that create or append: contract, section 3.</summary>
public abstract class IdempotentWrites(OrionFixture orion) : OrionTests(orion)
{
    private const string Metadata = """{"b" : [1.50, 1e5], "a":"\u00e9 😀"}""";

    /// <summary>Each route with a body of its own; ID is replaced by the session's id.</summary>
    public static TheoryData<string, string> Routes { get; } = new()
    {
        { "/api/sessions", $$"""{"title":"Once","firstMessage":"Hello 👩‍👩‍👧 \ud83d\ude00","metadata":{{Metadata}}}""" },
        { "/api/sessions/ID/messages", $$"""{"role":"assistant","content":"Hello \"you\" 👩‍👩‍👧\r\n","metadata":{{Metadata}}}""" },
        { "/api/sessions/ID/forks", """{"throughSequence":1,"title":"Hello again 😀"}""" },
        { "/api/sessions/create", """{"firstMessage":"Hello <b>&amp;</b> 😀","other":1}""" },
        { "/api/sessions/save-message", $$"""{"sessionId":"ID","role":"user","content":"Hello \u0007😀","metadata":{{Metadata}}}""" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_repeat_gets_the_first_response_and_writes_nothing(string route, string template)
    {
        var (path, body) = await On(Api, route, template);
        var first = (await Send(Api, path, body)).Should(201);
        Assert.Null(first.Header("Idempotency-Replayed"));

        for (var n = 0; n < 2; n++) await Replays(Api, first, path, body);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Another_body_is_rejected_even_if_it_differs_by_one_space(string route, string template)
    {
        var (path, body) = await On(Api, route, template);
        var first = (await Send(Api, path, body)).Should(201);

        foreach (var other in (string[])[body + " ", body.Replace("Hello", "Hallo", StringComparison.Ordinal), body.Replace(",", ", ", StringComparison.Ordinal)])
            (await ChangesNothing(() => Send(Api, path, other))).ShouldBeProblem(422, "idempotency_mismatch");

        await Replays(Api, first, path, body);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_key_belongs_to_its_user_and_its_path(string route, string template)
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

        // The key of another user does not give access to the response or the session.
        if (route.Contains("ID", StringComparison.Ordinal) || template.Contains("ID", StringComparison.Ordinal))
            (await ChangesNothing(() => Send(Friend, path, body, "another"))).ShouldBeProblem(404, "session_not_found");
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task The_stored_response_stays_until_the_session_is_deleted(string route, string template)
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
        Assert.Equal(["0|"], await StoredKeys());
        var again = await Send(Api, path, body + " ");
        if (IsCreation(route)) Assert.NotEqual(id, again.Should(201).Text("sessionId"));
        else again.ShouldBeProblem(404, "session_not_found");
        Assert.Null(again.Header("Idempotency-Replayed"));
    }

    [Fact]
    public async Task Quotes_around_a_key_and_the_case_of_an_id_in_the_path_do_not_matter()
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
    public async Task Failures_are_not_stored(string route, string template)
    {
        var (path, body) = await On(Api, route, template);
        (await ChangesNothing(() => Send(Api, path, "{"))).ShouldBeProblem(400, "malformed_json");
        (await ChangesNothing(() => Send(Api, path, """{"userId":7,"title":7,"role":7}"""))).Should(400);
        if (!IsCreation(route))
        {
            var (missing, named) = (Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString(), await On(Api, "ID", "{}"));
            foreach (var id in (string[])[missing, "no-uuid"])
            {
                var request = (Path: route.Replace("ID", id, StringComparison.Ordinal), Body: template.Replace("ID", id, StringComparison.Ordinal));
                (await ChangesNothing(() => Send(Api, request.Path, request.Body))).ShouldBeProblem(404, "session_not_found");
            }

            var archived = (Path: route.Replace("ID", named.Path, StringComparison.Ordinal), Body: template.Replace("ID", named.Path, StringComparison.Ordinal));
            (await Api.Patch($"/api/sessions/{named.Path}", """{"archived":true}""")).Should(200);
            (await ChangesNothing(() => Send(Api, archived.Path, archived.Body))).ShouldBeProblem(409, "session_archived");
            (await Api.Patch($"/api/sessions/{named.Path}", """{"archived":false}""")).Should(200);
            await Replays(Api, (await Send(Api, archived.Path, archived.Body)).Should(201), archived.Path, archived.Body);
            return;
        }

        Assert.Null((await Send(Api, path, body)).Should(201).Header("Idempotency-Replayed"));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task An_invalid_key_is_rejected_by_name(string route, string template)
    {
        var (path, body) = await On(Api, route, template);
        foreach (var key in (string[])
        [
            "", new string('k', 256), $"\"{new string('k', 256)}\"", "two words", "\"two words\"", "\"\"", "\"a\"b\"", "\"a\\b\"", "\"a\\\"", "one, two", "tab\tbed",
        ])
        {
            var response = await ChangesNothing(() => Send(Api, path, body, key));
            response.ShouldBeProblem(400, "validation_failed", "Idempotency-Key");
        }

        var token = TestToken.For(OrionServer.Owner, Server.Clock);
        var bytes = Encoding.UTF8.GetBytes(body);
        foreach (var lines in (string[])["Idempotency-Key: caf\u00e9", "Idempotency-Key: one\r\nIdempotency-Key: one", "Idempotency-Key:"])
        {
            var raw = Encoding.UTF8.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                + $"{lines}\r\nContent-Length: {bytes.Length}\r\n\r\n");
            (await ChangesNothing(() => RawHttp.SendBytes(Server.Port, [.. raw, .. bytes]))).ShouldBeProblem(400, "validation_failed", "Idempotency-Key");
        }
    }

    [Fact]
    public async Task Other_routes_ignore_a_key()
    {
        var id = await Api.Create();
        foreach (var key in (string[])["k", "two words", ""])
        {
            (string, string)[] headers = [("Idempotency-Key", key)];
            for (var n = 0; n < 2; n++)
            {
                ApiResponse[] responses =
                [
                    await Api.Get($"/api/sessions/{id}", headers), await Api.Patch($"/api/sessions/{id}", $$"""{"title":"{{n}}"}""", headers),
                    await Api.Get("/api/sessions/list", headers), await Api.Post("/api/tokens", new { sessionId = id }, headers),
                ];
                Assert.All(responses, response => Assert.True(response.Status is 200 or 201, response.ToString()));
                Assert.All(responses, response => Assert.Null(response.Header("Idempotency-Replayed")));
            }
        }

        Assert.Equal(["0|"], await StoredKeys());
        (await Api.Post("/api/sessions/delete", new { sessionId = id }, ("Idempotency-Key", "k"))).Should(200);
        (await Api.Post("/api/sessions/delete", new { sessionId = id }, ("Idempotency-Key", "k"))).ShouldBeProblem(404, "session_not_found");
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Twenty_concurrent_requests_with_one_key_write_once_and_get_the_same_response(string route, string template)
    {
        var (path, body) = await On(Api, route, template);
        var before = await Rows();

        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Send(Api, path, body)));

        Assert.All(responses, response => response.Should(201));
        Assert.Single(responses, response => response.Header("Idempotency-Replayed") is null);
        Assert.Single(responses.Select(response => (response.BodyText, response.Header("Location"), response.Header("ETag"))).Distinct());
        Assert.Equal(before.Messages + 1, (await Rows()).Messages);
        Assert.Equal(before.Sessions + (IsCreation(route) ? 1 : 0), (await Rows()).Sessions);
        Assert.Equal(["1|"], await StoredKeys());
    }

    [Theory]
    [InlineData("/api/sessions/ID/messages", """{"role":"user","content":"😀","metadata":{"a": 1}}""")]
    [InlineData("/api/sessions/save-message", """{"sessionId":"ID","role":"user","content":"😀","metadata":{"a": 1}}""")]
    public async Task Both_kinds_of_tokens_of_a_user_share_their_keys(string route, string template)
    {
        var id = await Api.Create();
        var (path, body) = (route.Replace("ID", id, StringComparison.Ordinal), template.Replace("ID", id, StringComparison.Ordinal));
        var page = Server.With(await Api.Mint(id));

        var first = (await Send(page, path, body)).Should(201);
        await Replays(page, first, path, body);
        await Replays(Server.With(await Api.Mint(id)), first, path, body);
        await Replays(Api, first, path, body);
        (await ChangesNothing(() => Send(page, path, body + " "))).ShouldBeProblem(422, "idempotency_mismatch");
    }

    [Fact]
    public async Task Two_instances_on_one_database_share_their_keys()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        var first = (await Send(Api, "/api/sessions", "{}")).Should(201);
        await Replays(other.Api, first, "/api/sessions", "{}");

        var before = await Rows();
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Send(n % 2 == 0 ? Api : other.Api, "/api/sessions", "{}", "both")));
        Assert.Single(responses, response => response.Should(201).Header("Idempotency-Replayed") is null);
        Assert.Single(responses.Select(response => response.BodyText).Distinct());
        Assert.Equal(before.Sessions + 1, (await Rows()).Sessions);
    }

    private static bool IsCreation(string route) => route is "/api/sessions" or "/api/sessions/create" or "/api/sessions/ID/forks";

    private static Task<ApiResponse> Send(ApiClient api, string path, string body, string key = "key") => api.Post(path, body, ("Idempotency-Key", key));

    private static async Task<(string Path, string Body)> On(ApiClient api, string route, string template)
    {
        var id = await api.Create(new { title = "Given", firstMessage = "First" });
        return (route.Replace("ID", id, StringComparison.Ordinal), template.Replace("ID", id, StringComparison.Ordinal));
    }

    private async Task Replays(ApiClient api, ApiResponse first, string path, string body, string key = "key")
    {
        var repeat = SecurityHeaderAssertions.ShouldBeOn((await ChangesNothing(() => Send(api, path, body, key))).Should(first.Status));
        Assert.Equal("true", repeat.Header("Idempotency-Replayed"));
        Assert.Equal(first.Body, repeat.Body);
        foreach (var name in (string[])["Location", "ETag", "Content-Type", "Content-Length"]) Assert.Equal(first.Header(name), repeat.Header(name));
    }

    private Task<IReadOnlyList<string>> StoredKeys() => Orion.Database.Query("SELECT count(*) FROM idempotency_keys");

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
