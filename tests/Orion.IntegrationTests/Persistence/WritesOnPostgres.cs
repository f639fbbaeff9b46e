using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Persistence;

namespace Orion.IntegrationTests.Persistence;

/// <summary>Writes that bypass EF Core: their round trips, and what they have in common with those of EF Core.</summary>
public sealed class WritesOnPostgres(PostgresServers servers)
{
    private static readonly (string, string)[] None = [];
    private static readonly EmailAddress Address =
        EmailAddress.TryParse(OrionServer.Owner, out var address) ? address : throw new InvalidOperationException();

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_create_takes_one_round_trip_an_append_two_and_a_key_one_more(string prepared)
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var proxy = PostgresProxy.Start(database);
        await using var server = await OrionServer.Start(database, ("DATABASE_URL", proxy.Url), ("DB_PREPARED_STATEMENTS", prepared));
        var path = $"/api/sessions/{await server.Api.Create(new { firstMessage = "First" })}/messages";
        var body = new { role = "user", content = "Hello" };

        Assert.Equal(1, await Fewest(key => server.Api.Post("/api/sessions", new { title = "Chat" }, None)));
        Assert.Equal(1, await Fewest(key => server.Api.Post("/api/sessions", new { firstMessage = "Hello" }, None)));
        Assert.Equal(2, await Fewest(key => server.Api.Post(path, body, None)));
        Assert.Equal(2, await Fewest(key => server.Api.Post("/api/sessions", new { firstMessage = "Hello" }, key)));
        Assert.Equal(3, await Fewest(key => server.Api.Post(path, body, key)));

        // The fewest of several, because background work uses the same proxy.
        async Task<int> Fewest(Func<(string, string), Task<ApiResponse>> request)
        {
            var counts = new List<int>();
            for (var n = 0; n < 8; n++)
            {
                var key = ("Idempotency-Key", Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString());
                counts.Add(await proxy.RoundTrips(async () => (await request(key)).Should(201)));
            }

            return counts.Min();
        }
    }

    [Theory]
    [InlineData("DELETE")]
    [InlineData("UPDATE")]
    public async Task A_write_that_the_database_skips_is_no_success(string operation)
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var server = await OrionServer.Start(database);
        var id = await server.Api.Create(new { firstMessage = "First" });
        await database.Execute($"""
            CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER skip BEFORE {operation} ON sessions FOR EACH ROW EXECUTE FUNCTION skip();
            """);

        var response = operation == "DELETE"
            ? await server.Api.Delete($"/api/sessions/{id}")
            : await server.Api.Patch($"/api/sessions/{id}", new { title = "Renamed" });

        response.ShouldBeProblem(500, "internal_error");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_that_is_revoked_between_the_lock_and_the_write_writes_nothing(bool hasKey)
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var proxy = PostgresProxy.Start(database);
        // A prepared statement has a name instead of its text.
        await using var server = await OrionServer.Start(database, ("DATABASE_URL", proxy.Url), ("DB_PREPARED_STATEMENTS", "false"));
        var id = await server.Api.Create(new { firstMessage = "First" });
        var before = await database.Snapshot();
        proxy.BeforeSent = async text =>
        {
            if (!text.Contains("INSERT INTO messages", StringComparison.Ordinal)) return;
            Assert.Contains("COMMIT\0", text, StringComparison.Ordinal);
            await database.Execute("UPDATE authorized_users SET tokens_valid_from = now() + interval '1 second'");
        };

        var response = await server.Api.Post(
            $"/api/sessions/{id}/messages", new { role = "user", content = "Late" }, hasKey ? [("Idempotency-Key", "late")] : []);

        response.ShouldBeProblem(401, "invalid_token");
        Assert.Equal(before, await database.Snapshot());
        Assert.Equal(["0|"], await database.Query("""
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'orion' AND state LIKE 'idle in transaction%'
            """));
    }

    [Fact]
    public async Task Rows_of_EF_Core_are_saved_in_the_same_transaction_after_those_that_they_refer_to()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var server = await OrionServer.Start(database);
        var owner = Guid.Parse((await database.Query("SELECT id FROM authorized_users"))[0].TrimEnd('|'));
        var caller = new Caller(UserId.From(owner), Address, null, server.Clock.GetUtcNow());

        Assert.Null(await Save(caller));
        Assert.Equal(["1|1|1|"], await Counts());
        Assert.NotNull(await Save(caller with { TokenIssuedAt = DateTimeOffset.UnixEpoch.AddSeconds(-1) }));
        Assert.Equal(["1|1|1|"], await Counts());

        async Task<Domain.Error?> Save(Caller by)
        {
            await using var scope = server.Services.CreateAsyncScope();
            await using var transaction = await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().Begin(by, _cancellation);
            var now = server.Clock.GetUtcNow();
            var session = Session.Start(by.Id, null, Metadata.Empty, now);
            var sessions = scope.ServiceProvider.GetRequiredService<ISessions>();
            sessions.Add(session, by);
            sessions.Add(session.Append(MessageRole.User, MessageContent.From("Hello"), Metadata.Empty, now).Value, by);
            scope.ServiceProvider.GetRequiredService<OrionDbContext>().IdempotencyRecords.Add(new IdempotencyRecord
            {
                OwnerId = by.Id,
                Method = "POST",
                Path = "/",
                Key = session.Id.ToString(),
                BodyHash = [],
                CreatedAt = now,
                SessionId = session.Id,
                Response = "{}",
            });
            return await transaction.Save(_cancellation);
        }

        Task<IReadOnlyList<string>> Counts() => database.Query(
            "SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM messages), (SELECT count(*) FROM idempotency_keys)");
    }

    [Fact]
    public async Task Every_stored_property_of_a_session_is_inserted_read_and_updated()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var server = await OrionServer.Start(database);
        var owner = Guid.Parse((await database.Query("SELECT id FROM authorized_users"))[0].TrimEnd('|'));
        var caller = new Caller(UserId.From(owner), Address);
        var properties = StoredProperties.OfSession(server);
        var writable = properties.Where(property => property.Name is not (nameof(Session.OwnerId) or nameof(Session.Id))).ToList();
        var session = Session.Start(caller.Id, null, Metadata.Empty, server.Clock.GetUtcNow());
        foreach (var property in writable) property.SetValue(session, StoredProperties.Sample(property, 1));

        await Change(sessions => Task.Run(() => sessions.Add(session, caller)));
        properties.ShouldBeSame(
            session, await StoredProperties.ReadSession(server, session.Id), "PostgresSessionRow does not insert it: InsertStatement and Insert.");

        // One by one, because an update writes only if a property differs.
        foreach (var property in writable.Where(property => property.Name != nameof(Session.CreatedAt)))
        {
            property.SetValue(session, StoredProperties.Sample(property, 2));
            await Change(async sessions =>
                property.SetValue(await sessions.FindForUpdate(session.Id, caller, _cancellation), StoredProperties.Sample(property, 2)));
            properties.ShouldBeSame(
                session, await StoredProperties.ReadSession(server, session.Id),
                "PostgresSessionRow does not update it: UpdateStatement, Update and MutableColumns.");
        }

        await Change(async sessions => properties.ShouldBeSame(
            session, (await sessions.FindForUpdate(session.Id, caller, _cancellation))!, "PostgresSessionRow does not read it: Columns and Read."));

        async Task Change(Func<ISessions, Task> change)
        {
            await using var scope = server.Services.CreateAsyncScope();
            await using var transaction = await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().Begin(caller, _cancellation);
            await change(scope.ServiceProvider.GetRequiredService<ISessions>());
            Assert.Null(await transaction.Save(_cancellation));
        }
    }

    [Fact]
    public async Task A_session_that_is_locked_twice_is_one_object_and_its_changes_are_saved_once()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var server = await OrionServer.Start(database);
        var id = SessionId.Parse(await server.Api.Create(new { title = "Before" }))!.Value;
        var owner = Guid.Parse((await database.Query("SELECT id FROM authorized_users"))[0].TrimEnd('|'));
        var caller = new Caller(UserId.From(owner), Address);
        await using (var scope = server.Services.CreateAsyncScope())
        {
            await using var transaction = await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().Begin(caller, _cancellation);
            var sessions = scope.ServiceProvider.GetRequiredService<ISessions>();
            var first = await sessions.FindForUpdate(id, caller, _cancellation);
            first!.Rename(SessionTitle.From("After"), server.Clock.GetUtcNow());
            Assert.Same(first, await sessions.FindForUpdate(id, caller, _cancellation));
            Assert.Same(first, Assert.Single(await sessions.FindAllForUpdate([id], caller, _cancellation)));
            Assert.Null(await transaction.Save(_cancellation));
        }

        Assert.Equal(["After|2|"], await database.Query("SELECT title, version FROM sessions"));
    }

    [Fact]
    public async Task The_context_of_a_scope_detects_changes_only_when_the_unit_of_work_saves_and_needs_no_savepoints()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var server = await OrionServer.Start(database);
        for (var n = 0; n < 3; n++)
        {
            await using var scope = server.Services.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<OrionDbContext>();
            Assert.Same(context, scope.ServiceProvider.GetRequiredService<Lazy<OrionDbContext>>().Value);
            Assert.False(context.ChangeTracker.AutoDetectChangesEnabled);
            Assert.False(context.Database.AutoSavepointsEnabled);
        }
    }
}
