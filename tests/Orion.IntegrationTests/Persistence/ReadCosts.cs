using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.IntegrationTests.Persistence;

/// <summary>What the database knows about its data.</summary>
public enum Statistics
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>They were gathered when each owner had one session of one message.</summary>
    OfOneSessionEach,

    /// <summary>They were gathered when all others had their sessions, and the heavy owner had none.</summary>
    WithoutHeavyOwner,

    /// <summary>They are up to date.</summary>
    Fresh,
}

/// <summary>
/// The cost of a page is bounded by its rows, whatever the database knows about its data. Each query of a request is run again, and what
/// it reads is counted. One owner has 20,000 sessions, one of which has 6,000 messages; 400 others have 50 sessions each.
/// </summary>
public abstract class ReadCosts(OrionFixture orion)
{
    protected const int Own = 20_000;
    protected const int Others = 20_000;
    protected const int Messages = 6_000;
    private const int Limit = 50;
    private const string Unknown = "00000000-0000-7000-b000-000000000000";
    private const string From = "startDate=2020-01-01T00:00:00Z";
    private const string To = "endDate=2031-01-01T00:00:00Z";
    private static readonly string[] Sorts = ["updatedAt", "createdAt"];
    private static readonly string[] Orders = ["desc", "asc"];

    public static TheoryData<Statistics> AllStatistics => [.. Enum.GetValues<Statistics>()];

    [Theory]
    [MemberData(nameof(AllStatistics))]
    public async Task Every_list_reads_what_it_returns(Statistics statistics)
    {
        await using var heavy = await HeavyOwner.Create(orion, this, statistics);
        var lists =
            from sort in Sorts
            from order in Orders
            from archived in (string[])["false", "true", "any"]
            from dates in (string[])["", $"&{From}", $"&{To}", $"&{From}&{To}"]
            select $"/api/sessions?limit={Limit}&sortBy={sort}&sortOrder={order}&archived={archived}{dates}";
        foreach (var list in lists) await heavy.ReadTwoPages(list, Limit);

        foreach (var order in Orders) await heavy.ReadTwoPages($"/api/sessions/{heavy.Session}/messages?limit={Limit}&order={order}", Limit);

        // These read in batches.
        foreach (var list in from sort in Sorts from order in Orders select $"/api/sessions/list?limit=1000&sortBy={sort}&sortOrder={order}")
            await heavy.Read(list, 1000, queries: 5);
        await heavy.Read($"/api/sessions/{heavy.Session}/messages?limit=1000", 1000, queries: 5);
        await heavy.Read($"/api/sessions/messages?sessionId={heavy.Session}", Messages, queries: 26);
    }

    [Theory]
    [MemberData(nameof(AllStatistics))]
    public async Task Everything_else_is_found_by_its_key(Statistics statistics)
    {
        await using var heavy = await HeavyOwner.Create(orion, this, statistics);
        var api = heavy.Server.Api;
        var id = await api.Create(new { firstMessage = "One" });
        var message = await api.Append(id, "Two");
        await api.Session(id);
        (await api.Get($"/api/sessions/{id}/messages/{message.GetProperty("id").GetString()}")).Should(200);
        (await api.Get($"/api/sessions/{heavy.Session}/messages/{Unknown}")).Should(404);
        (await api.Get($"/api/sessions/{await api.Create()}/messages")).Should(200);
        (await api.Get($"/api/sessions/{Unknown}/messages")).Should(404);
        (await api.Patch($"/api/sessions/{id}", new { title = "Other" })).Should(200);
        (await api.Delete($"/api/sessions/{id}")).Should(204);
        await heavy.ShouldBeBounded("all by key", queries: null);
    }

    [Theory]
    [MemberData(nameof(AllStatistics))]
    public async Task Dates_in_the_order_of_updates_read_no_more_than_what_changed_since_and_sort_nothing(Statistics statistics)
    {
        await using var heavy = await HeavyOwner.Create(orion, this, statistics);
        // The heavy owner created 61 sessions since then, and changed 8 others.
        var start = CreatedAt(Own * 2 - 120);
        var range = $"startDate={Text(start)}&endDate={Text(start.AddMinutes(20))}";
        foreach (var (order, archived) in from order in Orders from archived in (string[])["false", "any"] select (order, archived))
        {
            var found = (await heavy.Server.Api.Get($"/api/sessions?limit=200&sortOrder={order}&archived={archived}&{range}")).Should(200);
            Assert.InRange(found.Json.GetProperty("count").GetInt32(), 5, 20);
            await heavy.ShouldBeBounded($"{order} {archived}", queries: 1, changed: 69);
        }
    }

    [Fact]
    public async Task Every_index_of_sessions_and_messages_begins_with_the_owner()
    {
        await using var database = await orion.CreateDatabase();
        await using var server = await OrionServer.Start(database);

        var firsts = await database.Query(FirstColumns);

        Assert.True(firsts.Count >= 5, string.Join('\n', firsts));
        Assert.All(firsts, first => Assert.EndsWith("|owner_id|", first, StringComparison.Ordinal));
    }

    /// <summary>
    /// Inserts the sessions n, and the messages of those that there are, if they are missing. The heavy owner's id is @p0. Its sessions are
    /// those with an even n, and the one with n = 2 has the messages. Session n is created in minute n, and each fourth one changes 30 minutes
    /// later. Each seventh one is archived.
    /// </summary>
    protected abstract string Fill(string sessions, int messages);

    /// <summary>Each index's name and first column.</summary>
    protected abstract string FirstColumns { get; }

    protected Task<TestDatabase> CreateDatabase() => orion.CreateDatabase();

    protected static DateTimeOffset CreatedAt(int n) => new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(n);

    /// <summary>
    /// Runs a query again, and fails if it reads more than five rows for each row that it returns or that <paramref name="changed"/> counts,
    /// and a constant, or if it sorts.
    /// </summary>
    protected abstract Task ShouldBeBounded(TestDatabase database, RecordedQuery query, int changed);

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private sealed class HeavyOwner(TestDatabase database, OrionServer server, QueryRecorder recorder, ReadCosts costs) : IAsyncDisposable
    {
        public OrionServer Server => server;

        /// <summary>The session that has the messages.</summary>
        public string Session { get; private set; } = "";

        public static async Task<HeavyOwner> Create(OrionFixture orion, ReadCosts costs, Statistics statistics)
        {
            var database = await orion.CreateDatabase();
            var recorder = new QueryRecorder();
            var server = await OrionServer.Launch(database, builder => builder.Services
                .AddSingleton(recorder.Filter)
                .AddSingleton(DriverQueryRecorder.Connections)
                .ConfigureDbContext<SqliteDbContext>(options => options.AddInterceptors(recorder)));
            await server.BecomesReady();
            var owner = database.Id(Guid.Parse((await database.Query("SELECT id FROM authorized_users"))[0].TrimEnd('|')));
            if (statistics is Statistics.OfOneSessionEach) await database.Execute(costs.Fill("n = 2 OR (n % 2 = 1 AND n < 800)", messages: 1), owner);
            if (statistics is Statistics.WithoutHeavyOwner) await database.Execute(costs.Fill("n % 2 = 1", messages: 10), owner);
            if (statistics is Statistics.OfOneSessionEach or Statistics.WithoutHeavyOwner) await database.Execute("ANALYZE");
            await database.Execute(costs.Fill("TRUE", messages: 10), owner);
            if (statistics is Statistics.Fresh) await database.Execute("ANALYZE");

            var first = (await server.Api.Get("/api/sessions?limit=1&sortBy=createdAt&sortOrder=asc")).Should(200);
            recorder.Take();
            return new HeavyOwner(database, server, recorder, costs) { Session = first.Texts("sessions", "sessionId")[0] };
        }

        public async Task<string?> Read(string path, int count, int queries)
        {
            var response = (await server.Api.Get(path)).Should(200);
            Assert.Equal(count, response.Json.GetProperty("count").GetInt32());
            await ShouldBeBounded(path, queries);
            return response.NextCursor;
        }

        public async Task ReadTwoPages(string path, int count)
        {
            var cursor = await Read(path, count, queries: 1);
            Assert.NotNull(await Read($"{path}&cursor={cursor}", count, queries: 1));
        }

        public async Task ShouldBeBounded(string what, int? queries, int changed = 0)
        {
            var recorded = recorder.Take();
            Assert.True(queries is null ? recorded.Count > 0 : recorded.Count == queries, $"{what}: {recorded.Count} queries");
            foreach (var query in recorded.Where(query => query.Sql.StartsWith("SELECT", StringComparison.Ordinal)))
            {
                try
                {
                    await costs.ShouldBeBounded(database, query, changed);
                }
                catch (Xunit.Sdk.XunitException failure)
                {
                    throw new Xunit.Sdk.XunitException($"{what}\n{query.Sql}\n{failure.Message}");
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await server.DisposeAsync();
            await database.DisposeAsync();
        }
    }
}
