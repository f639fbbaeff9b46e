using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Concurrency;
using Orion.Application.Search;
using Orion.Domain.Users;
using Orion.IntegrationTests.Cli;

namespace Orion.IntegrationTests.Search;

/// <summary>Searching: contract, section 9.</summary>
public abstract class SearchTests(OrionFixture orion) : OrionTests(orion)
{
    /// <summary>Texts, and queries that find them or do not.</summary>
    public static TheoryData<string, string[], string[]> TextsAndQueries => new()
    {
        { "Où est le café Élysée ?", ["cafe", "CAFÉ", "elysee", "ou est", "cafe\u0301", "\"le café\""], ["caf é", "\"cafe le\"", "lysee"] },
        { "Die Straße über den Fluß", ["strasse", "STRASSE", "uber", "über", "fluss", "stra"], ["strase"] },
        { "Ο Σίσυφος και ο βράχος", ["σισυφος", "ΣΙΣΥΦΟΣ", "βραχοσ", "βραχ"], ["ισυφος"] },
        { "Ёжик в тумане", ["ежик", "ЁЖИК", "туман"], ["жик"] },
        { "İstanbul'da ılık bir IŞIK", ["istanbul", "ISTANBUL", "ıstanbul", "ilik", "ışık", "isik"], ["stanbul"] },
        { "السَّلامُ عَلَيْكُم يا أحمد", ["السلام", "عليكم", "احمد"], ["سلام x"] },
        { "שָׁלוֹם עוֹלָם", ["שלום", "עולם", "\"שלום עולם\""], ["לום"] },
        { "हिन्दी में क़लम", ["हिन्दी", "कलम", "क़लम", "हिन्"], ["न्दी"] },
        { "ภาษาไทยไม่มีช่องว่าง", ["ภาษา", "ไทย", "ช่องว่าง", "ไม่มี"], ["ไทยภาษา"] },
        { "我喜欢在北京喝茶", ["北京", "喝茶", "我", "茶", "喜欢在北京"], ["京北", "上海"] },
        { "東京タワーはｶﾞﾗｽで光る", ["東京", "タワー", "ガラス", "光る", "は"], ["京東", "カラス"] },
        { "서울에서 초등학교를 다녔다", ["서울", "학교", "초등학교", "\u1109\u1165\u110b\u116e\u11af"], ["교학"] },
        { "Great 👍🏽 work 👩‍💻 🇩🇪", ["👍", "👍🏿", "👩‍💻", "💻", "🇩🇪", "great 👍"], ["👎", "🇪🇩"] },
        { "await Task.Delay(foo_bar, x => x + 1);", ["Task.Delay", "task.del", "delay", "foo_bar", "bar", "\"delay foo\""], ["delay.task", "ask"] },
        { "The moon is 384,400 km away, 1.28 light seconds", ["384,400", "400", "1.28", "384"], ["384,401", "84"] },
        { "See https://docs.example.com/guide/search?q=x#part-2", ["https://docs.example.com/guide", "docs.example.com", "guide", "part-2"], ["example.org", "guide.docs"] },
        { "Write to Ada.Lovelace@example.com", ["ada.lovelace@example.com", "lovelace", "example.com", "ADA"], ["ada@example.com"] },
        { "ＦＵＬＬ width ﬁle № ①", ["full", "file", "no", "1"], ["ull"] },
    };

    [Theory]
    [MemberData(nameof(TextsAndQueries))]
    public async Task Both_databases_find_the_same_texts(string text, string[] found, string[] notFound)
    {
        var session = await Api.Create(new { title = "Other" });
        await Api.Append(session, "Something else");
        var message = await Api.Append(session, text);
        foreach (var query in found)
        {
            var result = Assert.Single(await Results(query));
            Assert.Equal(message.GetProperty("id").GetString(), result.GetProperty("message").GetProperty("id").GetString());
        }

        foreach (var query in notFound) Assert.Empty(await Results(query));
    }

    [Fact]
    public async Task A_word_of_10000_letters_is_found_by_its_beginning()
    {
        var session = await Api.Create(new { title = "Long" });
        await Api.Append(session, "Before " + new string('x', 10_000) + " after");
        Assert.Single(await Results(new string('x', 200)));
        Assert.Single(await Results("xxx"));
        Assert.Empty(await Results("\"xxx\" after"));
        Assert.Single(await Results("after"));
        Assert.Empty(await Results(new string('x', 100) + " before"));
    }

    [Fact]
    public async Task A_result_names_its_session_and_message_and_highlights_the_words()
    {
        var session = await Api.Create(new { title = "Animals" });
        var message = await Api.Append(session, "👍 The quick brown fox", "assistant");

        var response = (await Api.Get("/api/search?q=quick%20fo")).Should(200).Json;

        Assert.Equal(["count", "results"], Names(response));
        Assert.Equal(1, response.GetProperty("count").GetInt32());
        var result = response.GetProperty("results")[0];
        Assert.Equal(["highlights", "message", "session", "snippet"], Names(result));
        Assert.Equal(["sessionId", "title", "updatedAt"], Names(result.GetProperty("session")));
        Assert.Equal(session, result.GetProperty("session").GetProperty("sessionId").GetString());
        Assert.Equal("Animals", result.GetProperty("session").GetProperty("title").GetString());
        Assert.Equal(["id", "role", "sequence", "timestamp"], Names(result.GetProperty("message")));
        foreach (var name in (string[])["id", "role", "timestamp"])
            Assert.Equal(message.GetProperty(name).GetString(), result.GetProperty("message").GetProperty(name).GetString());
        Assert.Equal(1, result.GetProperty("message").GetProperty("sequence").GetInt32());
        Assert.Equal("👍 The quick brown fox", result.GetProperty("snippet").GetString());
        Assert.Equal("""[{"start":6,"length":5},{"start":18,"length":3}]""", result.GetProperty("highlights").GetRawText());
    }

    [Fact]
    public async Task A_title_is_a_result_unless_Orion_derived_it()
    {
        var given = await Api.Create(new { title = "Zebra crossing", firstMessage = "Hello" });
        await Api.Create(new { firstMessage = "A zebra in the zoo" });

        var results = await Results("zebra");

        Assert.Equal(2, results.Count);
        Assert.True(results[0].TryGetProperty("message", out _));
        Assert.False(results[1].TryGetProperty("message", out _));
        Assert.Equal(given, results[1].GetProperty("session").GetProperty("sessionId").GetString());
        Assert.Equal("Zebra crossing", results[1].GetProperty("snippet").GetString());
    }

    [Fact]
    public async Task A_changed_title_is_found_and_the_old_one_is_not()
    {
        var session = await Api.Create(new { title = "Giraffe" });
        (await Api.Patch($"/api/sessions/{session}", new { title = "Okapi" })).Should(200);
        Assert.Empty(await Results("giraffe"));
        Assert.Single(await Results("okapi"));

        var named = await Api.Create(new { firstMessage = "A tapir" });
        (await Api.Patch($"/api/sessions/{named}", new { title = "Okapi too" })).Should(200);
        Assert.Equal(2, (await Results("okapi")).Count);
        (await Api.Patch($"/api/sessions/{named}", new { title = "A tapir" })).Should(200);
        Assert.Single(await Results("okapi"));
        Assert.True(Assert.Single(await Results("tapir")).TryGetProperty("message", out _));
    }

    [Fact]
    public async Task Results_are_newest_first_and_pages_have_each_of_them_once()
    {
        await using var server = await OrionServer.Start(Orion.Database);
        var expected = new List<string>();
        for (var s = 0; s < 3; s++)
        {
            // In different periods of the index.
            server.Clock.Advance(TimeSpan.FromDays(s * 20));
            var session = await server.Api.Create(new { title = $"Session {s}" });
            for (var n = 0; n < 10; n++) expected.Add((await server.Api.Append(session, $"common {s} {n}")).GetProperty("id").GetString()!);
        }

        expected.Reverse();
        foreach (var limit in (int[])[1, 7, 30, 100])
        {
            var found = new List<string>();
            for (string? cursor = ""; cursor is not null;)
            {
                var page = (await server.Api.Get($"/api/search?q=common&limit={limit}&cursor={cursor}")).Should(200).Json;
                Assert.InRange(page.GetProperty("count").GetInt32(), 0, limit);
                found.AddRange(page.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("message").GetProperty("id").GetString()!));
                cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
            }

            Assert.Equal(expected, found);
        }
    }

    [Fact]
    public async Task Only_the_callers_own_texts_are_found()
    {
        await Api.Append(await Api.Create(new { title = "Mine" }), "secret plan");
        Assert.Empty((await Friend.Get("/api/search?q=secret")).Should(200).Json.GetProperty("results").EnumerateArray());
        var theirs = await Friend.Create(new { title = "Secret too" });
        Assert.Single(await Results("secret"));

        (await Api.Get("/api/search?q=secret&sessionId=00000000-0000-7000-b000-000000000000")).ShouldBeProblem(404, "session_not_found");
        (await Api.Get($"/api/search?q=secret&sessionId={theirs}")).ShouldBeProblem(404, "session_not_found");
        (await Api.Get("/api/search?q=secret&sessionId=other")).ShouldBeProblem(404, "session_not_found");
    }

    [Fact]
    public async Task A_search_in_one_session_finds_nothing_of_others()
    {
        var one = await Api.Create(new { title = "Common one" });
        var two = await Api.Create(new { title = "Common two" });
        for (var n = 0; n < 5; n++)
        {
            await Api.Append(one, $"common {n}");
            await Api.Append(two, $"common {n}");
        }

        var first = (await Api.Get($"/api/search?q=common&sessionId={one}&limit=4")).Should(200).Json;
        var second = (await Api.Get($"/api/search?q=common&sessionId={one}&limit=4&cursor={first.GetProperty("nextCursor").GetString()}")).Should(200).Json;
        var results = first.GetProperty("results").EnumerateArray().Concat(second.GetProperty("results").EnumerateArray()).ToList();
        Assert.Equal(6, results.Count);
        Assert.All(results, result => Assert.Equal(one, result.GetProperty("session").GetProperty("sessionId").GetString()));
        Assert.Equal([5, 4, 3, 2, 1], results.Take(5).Select(result => result.GetProperty("message").GetProperty("sequence").GetInt32()));
    }

    [Fact]
    public async Task Archived_sessions_are_left_out_unless_they_are_asked_for()
    {
        var current = await Api.Create(new { firstMessage = "common current" });
        var archived = await Api.Create(new { firstMessage = "common archived" });
        (await Api.Patch($"/api/sessions/{archived}", new { archived = true })).Should(200);

        Assert.Equal([current], await Sessions("common"));
        Assert.Equal([archived], await Sessions("common&archived=true"));
        Assert.Equal([archived, current], await Sessions("common&archived=any"));
        var session = (await Results("common&archived=true", escape: false))[0].GetProperty("session");
        Assert.Equal(["archivedAt", "sessionId", "title", "updatedAt"], Names(session));
        (await Api.Patch($"/api/sessions/{archived}", new { archived = false })).Should(200);
        Assert.Equal([archived, current], await Sessions("common"));
        Assert.Empty(await Sessions("common&archived=true"));

        async Task<List<string>> Sessions(string query) =>
            [.. (await Results(query, escape: false)).Select(result => result.GetProperty("session").GetProperty("sessionId").GetString()!)];
    }

    [Fact]
    public async Task Deleted_messages_leave_nothing_in_the_index()
    {
        var session = await Api.Create(new { title = "Ocelot", firstMessage = "An ocelot" });
        await Api.Append(session, "Two ocelots", "assistant");
        (await Api.Delete($"/api/sessions/{session}")).Should(204);
        Assert.Empty(await Results("ocelot"));
        Assert.Equal(["0|"], await Orion.Database.Query("SELECT count(*) FROM search_documents"));
        await ShouldHaveNoTokens();
    }

    [Fact]
    public async Task A_message_is_found_as_soon_as_it_is_appended_whatever_else_is_written()
    {
        var session = await Api.Create(new { title = "Busy" });
        await Task.WhenAll(Enumerable.Range(0, 30).Select(async n =>
        {
            await Api.Append(session, $"parallel unique{n}x");
            Assert.Single(await Results($"unique{n}x"));
        }));
        Assert.Equal(30, (await Results("parallel&limit=100", escape: false)).Count);
    }

    [Fact]
    public async Task Messages_of_every_route_are_found()
    {
        var session = (await Api.Post("/api/sessions/create", new { firstMessage = "walrus created" })).Should(201).Text("sessionId");
        (await Api.Post("/api/sessions/save-message", new { sessionId = session, role = "assistant", content = "walrus saved" })).Should(201);
        (await Api.Post($"/api/sessions/{session}/messages", new { role = "user", content = "walrus keyed" }, ("Idempotency-Key", "k1"))).Should(201);
        (await Api.Post($"/api/sessions/{session}/messages", new { role = "user", content = "walrus keyed" }, ("Idempotency-Key", "k1"))).Should(201);
        Assert.Equal(3, (await Results("walrus")).Count);
    }

    [Theory]
    [InlineData("", "q")]
    [InlineData("q=", "q")]
    [InlineData("q=%20", "q")]
    [InlineData("q=%00", "q")]
    [InlineData("q=a&q=b", "q")]
    [InlineData("q=a%20a%20a%20a%20a%20a%20a%20a%20a%20a%20a%20a%20a%20a%20a%20a%20a", "q")]
    [InlineData("q=a&limit=101", "limit")]
    [InlineData("q=a&limit=0", "limit")]
    [InlineData("q=a&limit=abc", "limit")]
    [InlineData("q=a&limit=-1", "limit")]
    [InlineData("q=%E2%A0%80", "q")]
    [InlineData("q=a&archived=yes", "archived")]
    public async Task An_invalid_search_is_rejected(string query, string member)
    {
        (await Api.Get($"/api/search?{query}")).ShouldBeProblem(400, "validation_failed", member);
    }

    [Fact]
    public async Task A_query_has_at_most_200_characters()
    {
        (await Api.Get($"/api/search?q={new string('a', 200)}")).Should(200);
        (await Api.Get($"/api/search?q={new string('a', 201)}")).ShouldBeProblem(400, "validation_failed", "q");
        (await Api.Get($"/api/search?q={Uri.EscapeDataString(string.Concat(Enumerable.Repeat("👍", 200)))}")).Should(200);
        (await Api.Get($"/api/search?q={Uri.EscapeDataString(string.Concat(Enumerable.Repeat("👍", 201)))}")).ShouldBeProblem(400, "validation_failed", "q");
        (await Api.Get("/api/search?q=a&sort=asc")).ShouldBeProblem(400, "unknown_member", "sort");
    }

    [Fact]
    public async Task A_query_can_have_any_characters()
    {
        // The largest number of tokens, of words, and of different characters.
        var long1 = string.Concat(Enumerable.Range(0, 200).Select(n => (char)(0x4E00 + n)));
        var words = string.Join(' ', Enumerable.Range(0, 16).Select(n => $"word{n}"));
        var session = await Api.Create(new { title = long1 });
        await Api.Append(session, $"{words} \"quoted' (text) & | ! : * NEAR AND\\ ü");

        Assert.Single(await Results(long1));
        Assert.Single(await Results(words));
        foreach (var query in (string[])["\"quoted", "'", "(text)", "&", "word1 & word2", "!word1", "word1:*", "near and", "\\", "\"word1 word2\"", "word1\"word2\"", "u\u0308", "word1 \""])
            Assert.Equal(query is "'" or "&" or "\\" ? 0 : 1, (await Results(query)).Count);
        foreach (var query in (string[])["?!", "\"", "\"\"", "\"\"\"\" \" \"", "\"?!\"", "\u0301", "\"word2 word1\"", "word1 \"text quoted", "%' OR 1=1 --"])
            Assert.Empty(await Results(query));
        // Half of a surrogate pair has no UTF-8.
        Assert.Empty(await Results("%ED%A0%80", escape: false));
    }

    [Fact]
    public async Task HEAD_gets_the_headers_of_a_search()
    {
        await Api.Create(new { firstMessage = "common" });
        var response = (await Api.Head("/api/search?q=common")).Should(200);
        Assert.Empty(response.Body);
        Assert.Equal((await Api.Get("/api/search?q=common")).Header("Content-Length"), response.Header("Content-Length"));
        (await Api.Head("/api/search")).Should(400);
        (await Server.Anonymous.Head("/api/search?q=common")).Should(401);
    }

    [Fact]
    public async Task A_search_responds_even_if_others_use_all_the_memory()
    {
        var session = await Api.Create(new { title = "Other" });
        for (var n = 0; n < 30; n++) await Api.Append(session, $"common {n}");
        using var others = Server.Services.GetRequiredService<InFlightBytes>().Begin();
        Assert.True(others.TryGrowTo(InFlightBytes.Limit));

        Assert.Equal(25, (await Results("common&limit=25", escape: false)).Count);
        Assert.Single(await Results("common 29"));
    }

    [Fact]
    public async Task A_cursor_belongs_to_its_search()
    {
        var session = await Api.Create(new { title = "common" });
        await Api.Append(session, "common");
        var cursor = (await Api.Get("/api/search?q=common&limit=1")).Should(200).Text("nextCursor");
        (await Api.Get($"/api/search?q=common&limit=2&cursor={cursor}")).Should(200);
        foreach (var other in (string[])["q=other", "q=common&archived=any", $"q=common&sessionId={session}"])
            (await Api.Get($"/api/search?{other}&cursor={cursor}")).ShouldBeProblem(400, "invalid_cursor");
        (await Api.Get("/api/search?q=common&cursor=nonsense")).ShouldBeProblem(400, "invalid_cursor");
        (await Api.Get($"/api/sessions?cursor={cursor}")).ShouldBeProblem(400, "invalid_cursor");
    }

    [Fact]
    public async Task A_session_token_cannot_search()
    {
        var session = await Api.Create(new { firstMessage = "common" });
        var token = await Api.Mint(session);
        (await Server.With(token).Get("/api/search?q=common")).ShouldBeProblem(403, "insufficient_scope");
        (await Server.With(token).Get($"/api/search?q=common&sessionId={session}")).ShouldBeProblem(403, "insufficient_scope");
    }

    [Fact]
    public async Task A_page_examines_a_bounded_number_of_texts()
    {
        var session = await Api.Create(new { title = "Many" });
        var at = DateTimeOffset.Parse(
            (await Api.Append(session, "one two, the only match")).GetProperty("timestamp").GetString()!, CultureInfo.InvariantCulture).AddSeconds(1);
        var owner = UserId.From(Guid.Parse((await Orion.Database.Query("SELECT owner_id FROM sessions"))[0].TrimEnd('|')));
        await Copies(5_500, "two one", SearchTokens.Of("two one", owner, at), at);

        var page = (await Api.Get("/api/search?q=%22one%20two%22")).Should(200).Json;
        Assert.Equal(0, page.GetProperty("count").GetInt32());
        var next = (await Api.Get($"/api/search?q=%22one%20two%22&cursor={page.GetProperty("nextCursor").GetString()}")).Should(200).Json;
        Assert.Equal(1, next.GetProperty("count").GetInt32());
        Assert.False(next.TryGetProperty("nextCursor", out _));
    }

    [Fact]
    public async Task What_a_version_without_search_wrote_is_indexed_in_the_background()
    {
        await using var database = await Orion.CreateDatabase();
        string first, second;
        await using (var server = await OrionServer.Start(database))
        {
            first = await server.Api.Create(new { title = "Heron", firstMessage = "A heron" });
            second = await server.Api.Create(new { firstMessage = "Two herons" });
            for (var n = 0; n < 250; n++) await server.Api.Append(first, $"heron {n}");
        }

        // As that version leaves them.
        await database.Execute("DELETE FROM search_documents");
        await database.Execute("UPDATE sessions SET indexed_version = 0");
        await using (var server = await OrionServer.Start(database))
        {
            await Eventually.Until(
                async () => !(await server.Api.Get("/api/search?q=heron")).Should(200).Json.TryGetProperty("indexing", out _), "Not everything is indexed.");
            var all = new List<string?>();
            for (string? cursor = ""; cursor is not null;)
            {
                var page = (await server.Api.Get($"/api/search?q=heron&limit=100&cursor={cursor}")).Should(200).Json;
                all.AddRange(page.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("session").GetProperty("sessionId").GetString()));
                cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
            }

            Assert.Equal(252, all.Count(session => session == first));
            Assert.Equal(1, all.Count(session => session == second));
            Assert.Equal(["253|"], await database.Query("SELECT count(*) FROM search_documents"));
        }
    }

    [Fact]
    public async Task A_search_says_that_older_messages_are_being_indexed()
    {
        await using var database = await Orion.CreateDatabase();
        await using var server = await OrionServer.Start(database);
        var session = await server.Api.Create(new { firstMessage = "A bittern" });
        await Eventually.Until(
            async () =>
            {
                // Until the background work is between two looks at the database.
                await database.Execute("UPDATE sessions SET indexed_version = 0");
                return (await server.Api.Get("/api/search?q=bittern")).Should(200).Json.TryGetProperty("indexing", out var indexing) && indexing.GetBoolean();
            },
            "It never says so.");
        // A new message does not hide that older ones are missing.
        await database.Execute("UPDATE sessions SET indexed_version = 0");
        await server.Api.Append(session, "Another bittern");
        Assert.Equal(["0|"], await database.Query("SELECT indexed_version FROM sessions"));
    }

    /// <summary>Copies the first message of the only session, with another text and its tokens, a second later.</summary>
    /// <param name="count">The number of copies.</param>
    /// <param name="text">The text.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="at">The time.</param>
    protected abstract Task Copies(int count, string text, string tokens, DateTimeOffset at);

    /// <summary>Asserts that the index has no tokens.</summary>
    protected abstract Task ShouldHaveNoTokens();

    private static IEnumerable<string> Names(JsonElement item) => item.EnumerateObject().Select(member => member.Name).Order();

    private async Task<IReadOnlyList<JsonElement>> Results(string query, bool escape = true) =>
        [.. (await Api.Get($"/api/search?q={(escape ? Uri.EscapeDataString(query) : query)}")).Should(200).Json.GetProperty("results").EnumerateArray()];
}

[Collection(OnPostgres.Name)]
public sealed class SearchTestsOnPostgres(PostgresOrion orion) : SearchTests(orion)
{
    protected override async Task Copies(int count, string text, string tokens, DateTimeOffset at)
    {
        await Orion.Database.Execute(
            """
            INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
            SELECT owner_id, session_id, 1 + n, gen_random_uuid(), role, @p1, '{}', @p2 FROM messages, generate_series(1, @p0) n WHERE sequence = 1
            """,
            count, text, Orion.Database.Instant(at));
        await Orion.Database.Execute(
            """
            INSERT INTO search_documents (owner_id, session_id, sequence, period, created_at, tokens)
            SELECT owner_id, session_id, 1 + n, period, @p1, @p2::tsvector FROM search_documents, generate_series(1, @p0) n WHERE sequence = 1
            """,
            count, Orion.Database.Instant(at), tokens);
    }

    protected override Task ShouldHaveNoTokens() => Task.CompletedTask;
}

[Collection(OnSqlite.Name)]
public sealed class SearchTestsOnSqlite(SqliteOrion orion) : SearchTests(orion)
{
    protected override async Task Copies(int count, string text, string tokens, DateTimeOffset at)
    {
        const string numbers = "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < @p0)";
        await Orion.Database.Execute(
            $$"""
            INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
            {{numbers}} SELECT owner_id, session_id, 1 + n, '00000000-0000-7000-8000-' || printf('%012d', n), role, @p1, '{}', @p2 FROM messages, s WHERE sequence = 1
            """,
            count, text, Orion.Database.Instant(at));
        await Orion.Database.Execute(
            $"""
            INSERT INTO search_documents (owner_id, session_id, sequence, period, created_at)
            {numbers} SELECT owner_id, session_id, 1 + n, period, @p1 FROM search_documents, s WHERE sequence = 1
            """,
            count, Orion.Database.Instant(at));
        await Orion.Database.Execute("INSERT INTO search_tokens (rowid, tokens) SELECT number, @p0 FROM search_documents WHERE sequence > 1", tokens);
    }

    [Fact]
    public async Task Nothing_of_an_erased_user_stays_in_the_index()
    {
        await Friend.Create(new { firstMessage = "zyxwvut" });
        Assert.NotEmpty(await Blocks());

        var erase = await OrionCommand.Run(["users", "erase", OrionFixture.Friend, "--yes"], Path.GetTempPath(), CommandTests.Environment(Orion.Database));
        erase.Should(0);

        Assert.Empty(await Blocks());

        Task<IReadOnlyList<string>> Blocks() => Orion.Database.Query("SELECT id FROM search_tokens_data WHERE instr(block, CAST('zyxwvut' AS BLOB)) > 0");
    }

    // A deleted row leaves only a mark in the data of FTS5, which a merge removes.
    protected override async Task ShouldHaveNoTokens() => Assert.Equal(["0|"], await Orion.Database.Query("SELECT count(*) FROM search_tokens_docsize"));
}
