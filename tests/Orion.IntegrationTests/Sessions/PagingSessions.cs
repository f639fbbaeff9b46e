using System.Globalization;
using CsCheck;

namespace Orion.IntegrationTests.Sessions;

public abstract class PagingSessions(OrionFixture orion) : OrionTests(orion)
{
    [Theory]
    [InlineData("updatedAt", "desc")]
    [InlineData("updatedAt", "asc")]
    [InlineData("createdAt", "desc")]
    [InlineData("createdAt", "asc")]
    public async Task Paging_shows_every_session_exactly_once_even_with_equal_times(string sortBy, string sortOrder)
    {
        Server.Clock.Stop();
        var made = await CreateMany(23);
        Server.Clock.Start();

        var pages = await Walk($"sortBy={sortBy}&sortOrder={sortOrder}", limit: 5);

        Assert.Equal([5, 5, 5, 5, 3], pages.Select(page => page.Json.GetProperty("count").GetInt32()));
        var seen = pages.SelectMany(page => page.Texts("sessions", "sessionId")).ToList();
        Assert.Equal(made.Order(), seen.Order());
    }

    [Fact]
    public async Task Any_limit_and_order_shows_the_whole_list_in_its_order()
    {
        await CreateSome();
        var all = new Dictionary<string, IReadOnlyList<string>>();

        await Gen.Select(Gen.Int[1, 40], Gen.OneOf("updatedAt", "createdAt"), Gen.OneOf("asc", "desc"), Gen.OneOf("true", "false", "any"))
            .SampleAsync(async (limit, sortBy, sortOrder, archived) =>
            {
                var list = $"sortBy={sortBy}&sortOrder={sortOrder}&archived={archived}";
                if (!all.TryGetValue(list, out var expected))
                {
                    var whole = (await Api.Get($"/api/sessions?{list}&limit=200")).Should(200);
                    var instants = whole.Texts("sessions", sortBy);
                    Assert.Equal(sortOrder == "asc" ? instants.Order(StringComparer.Ordinal) : instants.OrderDescending(StringComparer.Ordinal), instants);
                    expected = all[list] = whole.Texts("sessions", "sessionId");
                }

                var pages = await Walk(list, limit);
                Assert.Equal(expected, pages.SelectMany(page => page.Texts("sessions", "sessionId")));
                Assert.All(pages, page => Assert.InRange(page.Items("sessions").Count, pages.Count == 1 ? 0 : 1, limit));
            },
            iter: 40,
            threads: 1);

        Assert.NotEmpty(all);
    }

    [Fact]
    public async Task Without_a_limit_a_page_has_50_sessions()
    {
        await CreateMany(51);

        var first = (await Api.Get("/api/sessions")).Should(200);

        Assert.Equal(50, first.Json.GetProperty("count").GetInt32());
        Assert.Equal(["sessions", "count", "nextCursor"], first.Json.EnumerateObject().Select(member => member.Name));
        var last = (await Api.Get($"/api/sessions?cursor={first.NextCursor}")).Should(200);
        Assert.Equal(1, last.Json.GetProperty("count").GetInt32());
        Assert.Equal(["sessions", "count"], last.Json.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task Archived_sessions_are_listed_on_request()
    {
        var open = await Api.Create();
        var archived = await Api.Create();
        (await Api.Patch($"/api/sessions/{archived}", """{"archived":true}""")).Should(200);

        async Task<IEnumerable<string>> Shown(string query) => (await Api.Get($"/api/sessions{query}")).Should(200).Texts("sessions", "sessionId").Order();
        Assert.Equal([open], await Shown(""));
        Assert.Equal([open], await Shown("?archived=false"));
        Assert.Equal([archived], await Shown("?archived=true"));
        Assert.Equal(((string[])[open, archived]).Order(), await Shown("?archived=any"));
    }

    [Fact]
    public async Task Dates_are_inclusive_and_an_end_in_milliseconds_covers_its_whole_millisecond()
    {
        var made = (await Api.Post("/api/sessions", "{}")).Should(201);
        var exact = made.Text("createdAt");
        var instant = DateTimeOffset.Parse(exact, CultureInfo.InvariantCulture);
        var millisecond = instant.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

        async Task<int> Count(string query) => (await Api.Get($"/api/sessions?{query}")).Should(200).Json.GetProperty("count").GetInt32();
        Assert.Equal(1, await Count($"startDate={exact}&endDate={exact}"));
        Assert.Equal(1, await Count($"endDate={millisecond}"));
        Assert.Equal(1, await Count($"startDate={millisecond}"));
        Assert.Equal(0, await Count($"startDate={Exact(instant.AddMicroseconds(1))}"));
        Assert.Equal(0, await Count($"endDate={Exact(instant.AddMicroseconds(-1))}"));
        Assert.Equal(1, await Count($"startDate={Uri.EscapeDataString(instant.ToOffset(TimeSpan.FromHours(2)).ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture))}"));
        Assert.Equal(1, await Count("startDate=&endDate="));
    }

    [Theory]
    [InlineData("startDate=0000-01-01T00:00:00Z", 1)]
    [InlineData("startDate=0001-01-01T00:00:00%2B23:59", 1)]
    [InlineData("startDate=2016-12-31T23:59:60Z", 1)]
    [InlineData("endDate=2016-12-31T15:59:60.5-08:00", 0)]
    [InlineData("endDate=0000-12-31T23:59:59Z", 0)]
    [InlineData("endDate=9999-12-31T23:59:59.999Z", 1)]
    [InlineData("endDate=9999-12-31T23:59:60Z", 1)]
    [InlineData("endDate=9999-12-31T23:59:59-23:59", 1)]
    [InlineData("startDate=9999-12-31T20:00:00-05:00", 0)]
    public async Task Every_date_of_RFC_3339_is_accepted(string query, int count)
    {
        (await Api.Post("/api/sessions", "{}")).Should(201);

        foreach (var path in (string[])["/api/sessions", "/api/sessions/list"])
            Assert.Equal(count, (await Api.Get($"{path}?{query}")).Should(200).Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_plus_that_was_not_encoded_is_named()
    {
        foreach (var path in (string[])["/api/sessions", "/api/sessions/list"])
        {
            var response = await Api.Get($"{path}?startDate=2026-01-01T00:00:00+02:00");
            response.ShouldBeProblem(400, "validation_failed", "startDate");
            Assert.Contains("%2B", response.BodyText, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("arhived=any", "arhived")]
    [InlineData("userId=owner@example.com", "userId")]
    [InlineData("limit=0&arhived=any&other=1", "arhived")]
    [InlineData("arhived=any&arhived=any", "arhived")]
    [InlineData("%D0%B8%D0%BC%D1%8F=1", "имя")]
    [InlineData("%E2%80%AE=1", "(unprintable name)")]
    public async Task An_unknown_parameter_is_rejected_by_name_on_lists_and_ignored_elsewhere(string query, string name)
    {
        var id = await Api.Create();

        (await Api.Get($"/api/sessions?{query}")).ShouldBeProblem(400, "unknown_member", name);
        (await Api.Get($"/api/sessions/{id}/messages?{query}")).ShouldBeProblem(400, "unknown_member", name);
        (await Api.Get($"/api/sessions/{id}?{query}")).Should(200);
        (await Api.Post($"/api/sessions?{query}", "{}")).Should(201);
        (await Api.Get($"/api/me?{query}")).Should(200);
    }

    [Fact]
    public async Task An_empty_parameter_is_absent_even_if_it_is_unknown() => (await Api.Get("/api/sessions?arhived=&LIMIT=1")).Should(200);

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=abc", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("limit=%2B5", "limit")]
    [InlineData("limit=5&limit=5", "limit")]
    [InlineData("sortBy=title", "sortBy")]
    [InlineData("sortBy=updated_at", "sortBy")]
    [InlineData("sortOrder=down", "sortOrder")]
    [InlineData("archived=maybe", "archived")]
    [InlineData("archived=any&archived=any", "archived")]
    [InlineData("startDate=yesterday", "startDate")]
    [InlineData("startDate=2026-01-01", "startDate")]
    [InlineData("startDate=2026-01-01T00:00:00", "startDate")]
    [InlineData("endDate=2026-13-01T00:00:00Z", "endDate")]
    [InlineData("endDate=2026-02-30T00:00:00Z", "endDate")]
    public async Task An_invalid_query_parameter_is_rejected_by_name(string query, string field)
    {
        (await ChangesNothing(() => Api.Get($"/api/sessions?{query}"))).ShouldBeProblem(400, "validation_failed", field);
    }

    [Fact]
    public async Task A_cursor_is_short_and_any_other_text_is_rejected()
    {
        await CreateMany(3);
        var cursor = (await Api.Get("/api/sessions?limit=1")).Should(200).NextCursor!;
        Assert.True(cursor.Length <= 256, cursor);

        foreach (var bad in (string[])["x", "0", cursor + "A", cursor[..^1], Flip(cursor), new string('A', 256), new string('A', 5000), "%00", "..%2F..", cursor + "%3D"])
        {
            (await Api.Get($"/api/sessions?limit=1&cursor={bad}")).ShouldBeProblem(400, "invalid_cursor");
        }
    }

    [Fact]
    public async Task A_cursor_of_another_list_is_rejected()
    {
        var id = (await CreateMany(3))[0];
        await Api.Append(id, "1");
        await Api.Append(id, "2");
        var cursor = (await Api.Get("/api/sessions?limit=1")).Should(200).NextCursor!;
        var ofMessages = (await Api.Get($"/api/sessions/{id}/messages?limit=1")).Should(200).NextCursor!;

        foreach (var path in (string[])[
            $"/api/sessions?sortOrder=asc&cursor={cursor}", $"/api/sessions?sortBy=createdAt&cursor={cursor}", $"/api/sessions?archived=any&cursor={cursor}",
            $"/api/sessions?startDate=2020-01-01T00:00:00Z&cursor={cursor}", $"/api/sessions?endDate=2100-01-01T00:00:00Z&cursor={cursor}",
            $"/api/sessions?cursor={ofMessages}", $"/api/sessions/{id}/messages?cursor={cursor}", $"/api/sessions/{id}/messages?order=desc&cursor={ofMessages}"])
        {
            (await Api.Get(path)).ShouldBeProblem(400, "invalid_cursor");
        }

        // A page may have another length than the previous one.
        (await Api.Get($"/api/sessions?limit=2&cursor={cursor}")).Should(200);
    }

    [Fact]
    public async Task A_cursor_of_another_user_shows_only_the_callers_sessions()
    {
        await CreateMany(3);
        var cursor = (await Api.Get("/api/sessions?limit=1")).Should(200).NextCursor!;
        var own = await Friend.Create();

        var response = await Friend.Get($"/api/sessions?cursor={cursor}");

        if (response.Status == 400) response.ShouldBeProblem(400, "invalid_cursor");
        else Assert.All(response.Should(200).Texts("sessions", "sessionId"), id => Assert.Equal(own, id));
    }

    private static string Flip(string cursor) => (cursor[0] == 'A' ? 'B' : 'A') + cursor[1..];

    private static string Exact(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    private async Task<List<string>> CreateMany(int count)
    {
        var made = new List<string>();
        for (var n = 0; n < count; n++) made.Add(await Api.Create(new { title = $"Session {n}" }));
        return made;
    }

    // Thirty sessions in groups of one instant; every third is archived, every fifth has been changed later.
    private async Task CreateSome()
    {
        for (var n = 0; n < 30; n++)
        {
            if (n % 6 == 0) Server.Clock.Start();
            Server.Clock.Stop();
            var id = await Api.Create();
            if (n % 3 == 0) (await Api.Patch($"/api/sessions/{id}", """{"archived":true}""")).Should(200);
            if (n % 5 == 0) await Api.Patch($"/api/sessions/{id}", new { title = "Changed" });
        }

        Server.Clock.Start();
    }

    private async Task<List<ApiResponse>> Walk(string list, int limit)
    {
        var pages = new List<ApiResponse>();
        string? cursor = null;
        do
        {
            Assert.True(pages.Count < 100, "The list does not end.");
            pages.Add((await Api.Get($"/api/sessions?{list}&limit={limit}{(cursor is null ? "" : $"&cursor={cursor}")}")).Should(200));
            cursor = pages[^1].NextCursor;
        }
        while (cursor is not null);
        return pages;
    }
}

[Collection(OnPostgres.Name)]
public sealed class PagingSessionsOnPostgres(PostgresOrion orion) : PagingSessions(orion);

[Collection(OnSqlite.Name)]
public sealed class PagingSessionsOnSqlite(SqliteOrion orion) : PagingSessions(orion);
