using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.IntegrationTests.Persistence;

/// <summary>
/// Somebody's lists stay as fast as they are however much other people write: each query, as real requests make it, reads its
/// owner's part of an index. There are 2,800 sessions of the owner's and 20,000 of 50 others, in the same years.
/// </summary>
public abstract class QueryPlans(OrionFixture orion)
{
    protected const int Own = 2_800;
    protected const int Others = 20_000;

    /// <summary>How many messages every 50th session has, the owner's first one too; more than one query reads.</summary>
    protected const int Messages = 260;
    private const string Dates = "startDate=2020-01-01T00:00:00Z&endDate=2031-01-01T00:00:00Z";

    [Fact]
    public async Task Every_list_of_sessions_reads_its_owners_part_of_an_index_alone()
    {
        await using var place = await Place.Make(orion, this);
        string[] filters = ["", "&startDate=2020-01-01T00:00:00Z", "&endDate=2031-01-01T00:00:00Z", $"&{Dates}"];
        var paths =
            from sort in (string[])["updatedAt", "createdAt"]
            from order in (string[])["desc", "asc"]
            from archived in (string[])["false", "true", "any"]
            from filter in filters
            select (Sort: sort, Path: $"/api/sessions?limit=2&sortBy={sort}&sortOrder={order}&archived={archived}{filter}");
        foreach (var (sort, path) in paths)
        {
            // Dates are creation dates: in another order, the planner may well take the part that they leave and sort it.
            var isSorted = sort == "createdAt" || !path.Contains("Date=", StringComparison.Ordinal);
            var column = sort == "createdAt" ? "created_at" : "updated_at";

            var first = await place.Ask(path, count: 2);
            await place.ShouldBeIndexed(path, column: null, isSorted);

            var next = await place.Ask($"{path}&cursor={first.NextCursor}", count: 2);
            Assert.NotNull(next.NextCursor);
            await place.ShouldBeIndexed($"{path} behind a cursor", isSorted ? column : null, isSorted);
        }
    }

    [Fact]
    public async Task A_list_of_sessions_in_one_piece_reads_its_owners_part_of_an_index_alone()
    {
        await using var place = await Place.Make(orion, this);
        foreach (var sort in (string[])["updatedAt", "createdAt"])
        {
            var path = $"/api/sessions/list?limit=1000&sortBy={sort}&sortOrder=asc";
            await place.Ask(path, count: 1000);
            // Piece by piece. Where a piece is most of what there is, to read it all and sort it is no mistake of the planner's.
            await place.ShouldBeIndexed(path, column: null, isSorted: false, queries: 5);
        }
    }

    [Fact]
    public async Task Every_list_of_messages_reads_its_sessions_part_of_an_index_alone()
    {
        await using var place = await Place.Make(orion, this);
        foreach (var order in (string[])["asc", "desc"])
        {
            var path = $"/api/sessions/{place.Session}/messages?limit=2&order={order}";
            var first = await place.Ask(path, count: 2);
            await place.ShouldBeIndexed(path, "session_id", isSorted: true);
            await place.Ask($"{path}&cursor={first.NextCursor}", count: 2);
            await place.ShouldBeIndexed($"{path} behind a cursor", "sequence", isSorted: true);
        }

        await place.Ask($"/api/sessions/messages?sessionId={place.Session}", count: Messages);
        await place.ShouldBeIndexed("all messages", "session_id", isSorted: false, queries: 2);
    }

    [Fact]
    public async Task Every_other_route_finds_its_rows_by_their_owner()
    {
        await using var place = await Place.Make(orion, this);
        var id = await place.Server.Api.Create(new { firstMessage = "One" });
        var message = await place.Server.Api.Append(id, "Two");
        await place.Server.Api.Session(id);
        await place.Ask($"/api/sessions/{id}/messages/{message.GetProperty("id").GetString()}");
        (await place.Server.Api.Patch($"/api/sessions/{id}", new { title = "Other" })).Should(200);
        (await place.Server.Api.Delete($"/api/sessions/{id}")).Should(204);

        await place.ShouldBeIndexed("one session's routes", column: null, isSorted: true, queries: null);
    }

    [Fact]
    public async Task Every_index_of_peoples_tables_begins_with_the_owner()
    {
        await using var place = await Place.Make(orion, this);

        var firsts = await place.Database.Query(FirstColumns);

        Assert.True(firsts.Count >= 5, string.Join('\n', firsts));
        Assert.All(firsts, first => Assert.EndsWith("|owner_id|", first, StringComparison.Ordinal));
    }

    /// <summary>Gives the sessions and messages: the owner's id is @p0.</summary>
    protected abstract string Fill { get; }

    /// <summary>Each index's name and first column.</summary>
    protected abstract string FirstColumns { get; }

    /// <summary>Fails unless each table is read through an index, by its owner and that column, and sorted by it if that is asked for.</summary>
    protected abstract Task Check(TestDatabase database, RecordedQuery query, string? column, bool isSorted);

    private sealed class Place(TestDatabase database, OrionServer server, QueryRecorder seen, QueryPlans plans) : IAsyncDisposable
    {
        public TestDatabase Database => database;

        public OrionServer Server => server;

        /// <summary>The owner's first session, which has messages.</summary>
        public string Session { get; private set; } = "";

        public static async Task<Place> Make(OrionFixture orion, QueryPlans plans)
        {
            var database = await orion.CreateDatabase();
            var seen = new QueryRecorder();
            var server = await OrionServer.Launch(database, builder => builder.Services
                .AddSingleton<IStartupFilter>(new DriverQueryRecorder(seen))
                .AddSingleton(DriverQueryRecorder.Connections)
                .ConfigureDbContext<SqliteDbContext>(options => options.AddInterceptors(seen)));
            await server.BecomesReady();
            var owner = Guid.Parse((await database.Query("SELECT id FROM authorized_users"))[0].TrimEnd('|'));
            await database.Execute(plans.Fill, database.Id(owner));
            await database.Execute("ANALYZE");
            var place = new Place(database, server, seen, plans);
            place.Session = (await place.Ask("/api/sessions?limit=1&sortBy=createdAt&sortOrder=asc")).Texts("sessions", "sessionId")[0];
            seen.Take();
            return place;
        }

        public async Task<ApiResponse> Ask(string path, int? count = null)
        {
            var answer = (await server.Api.Get(path)).Should(200);
            if (count is { } wanted) Assert.Equal(wanted, answer.Json.GetProperty("count").GetInt32());
            return answer;
        }

        public async Task ShouldBeIndexed(string what, string? column, bool isSorted, int? queries = 1)
        {
            var taken = seen.Take();
            if (queries is { } wanted) Assert.True(taken.Count == wanted, $"{what}: {taken.Count} queries");
            Assert.NotEmpty(taken);
            foreach (var query in taken.Where(query => query.Sql.StartsWith("SELECT", StringComparison.Ordinal)))
            {
                try
                {
                    await plans.Check(database, query, column, isSorted);
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
