using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Export;
using Orion.Application.Messaging;
using Orion.Application.Retention;

namespace Orion.IntegrationTests.Retention;

/// <summary>Sessions that have expired, or have not changed for <c>RETENTION_DAYS</c>, are deleted.</summary>
public abstract class DeletingDueSessions(OrionFixture orion) : OrionTests(orion)
{
    internal const int LoggedDeletion = 2014;
    private const int LoggedFailure = 2015;
    private const int LoggedClock = 2016;
    private const int MoreThanABatch = 120;

    [Fact]
    public async Task A_running_service_deletes_expired_sessions_with_their_messages_and_no_others()
    {
        var kept = await Api.Create(new { firstMessage = "Kept" });
        var later = await Create(Api, "Later", expiresIn: TimeSpan.FromHours(1));
        var expired = await Create(Api, "Expired", expiresIn: TimeSpan.FromSeconds(-1));
        var archived = await Create(Friend, "Archived", expiresIn: TimeSpan.FromDays(-30));
        (await Friend.Patch($"/api/sessions/{archived}", new { archived = true })).Should(200);
        // They do not expire, and RETENTION_DAYS is not set.
        await Age(kept, TimeSpan.FromDays(4000));
        (await Api.Get($"/api/sessions/{expired}")).Should(200);

        await using var server = await OrionServer.Start(Orion.Database);
        await Deleted(server, expired, archived);

        Assert.Equal(["Kept|", "Later|"], await Orion.Database.Query("SELECT content FROM messages ORDER BY content"));
        (await server.Api.Get($"/api/sessions/{later}")).Should(200);
        (await server.Api.Get($"/api/sessions/{expired}")).ShouldBeProblem(404, "session_not_found");
    }

    [Fact]
    public async Task Sessions_without_a_change_are_deleted_after_RETENTION_DAYS()
    {
        await Orion.Database.Execute("DELETE FROM sessions");
        var (old, archived) = (await Create(Api, "Old"), await Create(Friend, "Archived"));
        (await Friend.Patch($"/api/sessions/{archived}", new { archived = true })).Should(200);
        var young = await Create(Api, "Young");
        var temporary = await Create(Api, "Temporary", expiresIn: TimeSpan.FromSeconds(-1));
        foreach (var id in (string[])[old, archived, temporary]) await Age(id, TimeSpan.FromDays(30) + TimeSpan.FromMinutes(1));
        await Age(young, TimeSpan.FromDays(30) - TimeSpan.FromMinutes(10));

        await using var server = await OrionServer.Start(Orion.Database, ("RETENTION_DAYS", "30"));
        await Deleted(server, old, archived, temporary);

        (await server.Api.Get($"/api/sessions/{young}")).Should(200);
        await Eventually.Until(() => server.Log.All.Any(line => line.Event.Id == LoggedDeletion), "The deletion is not logged.");
        var line = server.Log.All.Single(line => line.Event.Id == LoggedDeletion).Text;
        Assert.StartsWith(
            "Retention deleted sessions: 1 that had expired and 2 without a change for 30 days, with 3 messages.", line, StringComparison.Ordinal);
        // Each is audited, too, like a deletion by its owner.
        Assert.Equal(3, server.Log.All.Count(one => one.Event.Name == "SessionDeleted"));
    }

    [Fact]
    public async Task Two_instances_share_more_than_a_batch_and_delete_each_session_once()
    {
        var template = await Create(Api, "Template");
        await Orion.Database.Execute(
            $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MoreThanABatch})
            INSERT INTO sessions (owner_id, id, title, first_message, last_message, message_count, metadata, created_at, updated_at, version, indexed_version, tokens_valid_from, expires_at)
            SELECT owner_id, {NewId}, 'Copy', '', '', 0, metadata, created_at, updated_at, 1, 1, tokens_valid_from, @p0 FROM n, sessions
            """,
            Orion.Database.Instant(Server.Clock.GetUtcNow() - TimeSpan.FromMinutes(1)));

        var servers = await Task.WhenAll(Enumerable.Range(0, Orion.Database.System == "postgresql" ? 2 : 1).Select(_ => OrionServer.Start(Orion.Database)));
        await Eventually.Until(async () => await Orion.Database.Query("SELECT title FROM sessions") is ["Template|"], "They are not deleted.");

        await Eventually.Until(() => servers.Sum(Audited) == MoreThanABatch, "Not each deletion is logged once.");
        Assert.All(servers, server => Assert.DoesNotContain(server.Log.All, line => line.Event.Id == LoggedFailure));
        foreach (var server in servers) await server.DisposeAsync();
        (await Api.Get($"/api/sessions/{template}")).Should(200);

        static int Audited(OrionServer server) => server.Log.All.Count(one => one.Event.Name == "SessionDeleted");
    }

    [Fact]
    public async Task A_running_reply_of_an_expired_session_ends_with_it()
    {
        await using var server = await OrionServer.Start(Orion.Database);
        server.Model.TakeCalls();
        var id = await server.Api.Create(new { title = "Stars" });
        using var stream = await server.Api.OpenReply(id);
        var call = await server.Model.NextCall();
        call.Write("Some");
        await stream.Until("text-delta");
        await Expire(id);

        Assert.Equal((1, 0), await Delete(server, OrionServer.Owner));

        await Assert.ThrowsAnyAsync<IOException>(stream.ToEnd);
        await Eventually.Until(() => call.HasEnded, "The model goes on.");
        Assert.Equal(["0|0|0|"], await Orion.Database.Query(
            "SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM replies), (SELECT count(*) FROM reply_frames)"));
    }

    [Fact]
    public async Task A_session_token_ends_with_its_session()
    {
        var id = await Api.Create();
        var page = Server.With(await Api.Mint(id));
        (await page.Get($"/api/sessions/{id}")).Should(200);
        await Expire(id);

        Assert.Equal((1, 0), await Delete(Server, OrionServer.Owner));

        (await page.Get($"/api/sessions/{id}")).ShouldBeProblem(401, "invalid_token");
    }

    [Fact]
    public async Task A_session_that_is_being_changed_is_left_for_the_next_batch()
    {
        if (Orion.Database.System != "postgresql") return;
        var (held, free) = (await Create(Api, "Held", expiresIn: TimeSpan.FromSeconds(-1)), await Create(Api, "Free", expiresIn: TimeSpan.FromSeconds(-1)));
        await using (await Orion.Database.Hold(held)) Assert.Equal((1, 0), await Delete(Server, OrionServer.Owner));

        (await Api.Get($"/api/sessions/{free}")).ShouldBeProblem(404, "session_not_found");
        (await Api.Get($"/api/sessions/{held}")).Should(200);
        Assert.Equal((1, 0), await Delete(Server, OrionServer.Owner));
    }

    [Fact]
    public async Task A_batch_of_large_sessions_has_fewer_of_them()
    {
        string[] ids = [await Api.Create(), await Api.Create(), await Api.Create()];
        await Orion.Database.Execute("UPDATE sessions SET message_count = @p0", DeleteDueSessions.MaxMessages - 1);
        foreach (var id in ids) await Expire(id);

        Assert.Equal((2, 0), await Delete(Server, OrionServer.Owner));
        Assert.Equal((1, 0), await Delete(Server, OrionServer.Owner));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_that_cannot_be_deleted_does_not_hold_up_the_other_owners(bool isOwners)
    {
        var (one, other) = isOwners ? (Api, Friend) : (Friend, Api);
        var held = await Create(one, "Held", expiresIn: TimeSpan.FromSeconds(-1));
        var expired = await Create(other, "Expired", expiresIn: TimeSpan.FromSeconds(-1));
        await RejectDeletion(held);
        try
        {
            await using var server = await OrionServer.Start(Orion.Database);
            await Deleted(server, expired);

            await Eventually.Until(() => server.Log.All.Any(line => line.Event.Id == LoggedFailure), "The failure is not logged.");
            (await one.Get($"/api/sessions/{held}")).Should(200);
        }
        finally
        {
            await AcceptDeletion();
        }
    }

    [Fact]
    public async Task A_clock_that_is_ahead_of_the_database_deletes_nothing()
    {
        if (Orion.Database.System != "postgresql") return;
        var (kept, expired) = (await Create(Api, "Kept", expiresIn: TimeSpan.FromDays(1)), await Create(Api, "Expired", expiresIn: TimeSpan.FromSeconds(-5)));
        await using var server = await OrionServer.Start(Orion.Database, ("RETENTION_DAYS", "30"));
        await Deleted(server, expired);
        server.Clock.Advance(TimeSpan.FromDays(365));

        Assert.Equal((0, 0), await Delete(server, OrionServer.Owner));

        (await Api.Get($"/api/sessions/{kept}")).Should(200);
        Assert.Single(server.Log.All, line => line.Event.Id == LoggedClock);
        // The database's clock does not shorten a session's life either.
        server.Clock.Advance(TimeSpan.FromDays(-730));
        await Expire(kept, TimeSpan.FromHours(-1));
        Assert.Equal((0, 0), await Delete(server, OrionServer.Owner));
    }

    [Fact]
    public async Task One_owners_batch_does_not_touch_the_sessions_of_another()
    {
        await Create(Api, "Expired", expiresIn: TimeSpan.FromSeconds(-1));

        var before = await Orion.Database.Snapshot();
        Assert.Equal((0, 0), await Delete(Server, OrionFixture.Friend));

        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    protected abstract Task RejectDeletion(string session);

    protected abstract Task AcceptDeletion();

    private string NewId => Orion.Database.System == "postgresql"
        ? "gen_random_uuid()"
        : "upper(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

    private static async Task<(int Expired, int Unchanged)> Delete(OrionServer server, string user)
    {
        var dispatcher = server.Services.GetRequiredService<IDispatcher>();
        var owners = (await dispatcher.Send(new ListOwners(), TestContext.Current.CancellationToken)).Value.Owners;
        var owner = owners.Single(one => one.Caller.Email.Value == user).Caller;
        var deleted = (await dispatcher.Send(new DeleteDueSessions(owner, 50), TestContext.Current.CancellationToken)).Value;
        return (deleted.Expired, deleted.Unchanged);
    }

    private async Task<string> Create(ApiClient api, string text, TimeSpan? expiresIn = null)
    {
        var id = await api.Create(new { firstMessage = text });
        if (expiresIn is { } time) await Expire(id, time);
        return id;
    }

    // No client can create a session that has expired.
    private Task<int> Expire(string id, TimeSpan? expiresIn = null) => Orion.Database.Execute(
        "UPDATE sessions SET expires_at = @p0 WHERE id = @p1",
        Orion.Database.Instant(Server.Clock.GetUtcNow() + (expiresIn ?? TimeSpan.FromSeconds(-1))), Orion.Database.Id(Guid.Parse(id)));

    private Task<int> Age(string id, TimeSpan age) => Orion.Database.Execute(
        "UPDATE sessions SET updated_at = @p0, created_at = @p0 WHERE id = @p1",
        Orion.Database.Instant(Server.Clock.GetUtcNow() - age), Orion.Database.Id(Guid.Parse(id)));

    private async Task Deleted(OrionServer server, params string[] ids)
    {
        foreach (var id in ids)
        {
            await Eventually.Until(
                async () => (await Orion.Database.Query("SELECT 1 FROM sessions WHERE id = @p0", Orion.Database.Id(Guid.Parse(id)))).Count == 0,
                $"{id} is not deleted:\n{string.Join('\n', server.Log.All)}");
        }
    }
}

[Collection(OnPostgres.Name)]
public sealed class DeletingDueSessionsOnPostgres(PostgresOrion orion) : DeletingDueSessions(orion)
{
    protected override Task RejectDeletion(string session) => Orion.Database.Execute(
        $"""
        CREATE FUNCTION reject() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF OLD.id = '{session}' THEN RAISE EXCEPTION 'rejected'; END IF;
            RETURN OLD;
        END $$;
        CREATE TRIGGER reject BEFORE DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION reject()
        """);

    protected override Task AcceptDeletion() => Orion.Database.Execute("DROP TRIGGER reject ON sessions; DROP FUNCTION reject()");
}

[Collection(OnSqlite.Name)]
public sealed class DeletingDueSessionsOnSqlite(SqliteOrion orion) : DeletingDueSessions(orion)
{
    protected override Task RejectDeletion(string session) => Orion.Database.Execute(
        $"CREATE TRIGGER reject BEFORE DELETE ON sessions WHEN OLD.id = '{session.ToUpperInvariant()}' BEGIN SELECT RAISE(ABORT, 'rejected'); END");

    protected override Task AcceptDeletion() => Orion.Database.Execute("DROP TRIGGER reject");
}
