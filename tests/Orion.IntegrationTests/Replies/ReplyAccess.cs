using Orion.IntegrationTests.Cli;

namespace Orion.IntegrationTests.Replies;

/// <summary>What becomes of open streams and running replies when their caller loses access.</summary>
public abstract class ReplyAccess(OrionFixture orion) : OrionTests(orion)
{
    private const string Chat = "/api/chat-stream-v2";

    private readonly string _email = $"left-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";

    [Theory]
    [InlineData("sign-out")]
    [InlineData("revoke")]
    public async Task Who_loses_access_by_another_process_loses_all_streams_and_no_one_else_does(string how)
    {
        await Orion.Authorize(_email);
        // SQLite has only one process.
        await using var second = Orion.Database is PostgresDatabase ? await OrionServer.Start(Orion.Database) : null;
        var other = second ?? Server;
        Server.Model.TakeCalls();
        using var bystander = await Api.OpenReply(await Api.Create());
        var bystandersCall = await Server.Model.NextCall();
        var user = Server.As(_email);
        var session = await user.Create();
        var token = await user.Mint(session);
        using var own = await user.OpenReply(session);
        var call = await Server.Model.NextCall();
        call.Write("Part");
        var path = own.Header("Location")!;
        using var scoped = await Server.With(token).Open(HttpMethod.Get, path);
        using var remote = await other.As(_email).Open(HttpMethod.Get, path);
        using var remoteScoped = await other.With(token).Open(HttpMethod.Get, $"/api/sessions/{session}/stream");
        EventStreamReader[] streams = [own, scoped, remote, remoteScoped];
        foreach (var stream in streams) await stream.Until("text-delta");
        using var chat = await user.Open(HttpMethod.Post, Chat, new { message = "Hello" });
        var chatCall = await Server.Model.NextCall();
        chatCall.Write("Part");
        await chat.Until("content");

        (await OrionCommand.Run(["users", how, _email], Path.GetTempPath(), CommandTests.Environment(Orion.Database))).Should(0);

        foreach (var stream in streams.Append(chat))
        {
            await Assert.ThrowsAnyAsync<IOException>(stream.ToEnd);
            Assert.DoesNotContain("[DONE]", stream.Received, StringComparison.Ordinal);
            Assert.DoesNotContain("\"done\"", stream.Received, StringComparison.Ordinal);
            Assert.DoesNotContain("abort", stream.Received, StringComparison.Ordinal);
        }

        await Eventually.Until(() => call.HasEnded && chatCall.HasEnded, "The model goes on.");
        await Eventually.Until(
            async () => await Orion.Database.Query("SELECT status FROM replies WHERE status <> 'streaming'") is ["stopped|"], "The reply goes on.");
        Assert.Equal(["Part|"], await Orion.Database.Query("SELECT content FROM messages WHERE role = 'assistant'"));
        bystandersCall.Write("Goes on").Finish();
        Assert.Equal("[DONE]", (await bystander.ToEnd())[^1].Data);
    }

    [Fact]
    public async Task The_end_of_a_tokens_lifetime_ends_neither_its_streams_nor_its_replies()
    {
        await Orion.Authorize(_email);
        await using var server = await OrionServer.Start(Orion.Database);
        server.Model.TakeCalls();
        var session = await server.Api.Create();
        var user = server.With(TestToken.For(OrionServer.Owner, server.Clock).ToString());
        var scoped = server.With(await user.Mint(session));
        using var own = await user.OpenReply(session);
        var call = await server.Model.NextCall();
        using var second = await scoped.Open(HttpMethod.Get, $"/api/sessions/{session}/stream");
        using var chat = await user.Open(HttpMethod.Post, Chat, new { message = "Hello" });
        var chatCall = await server.Model.NextCall();

        server.Clock.Advance(TimeSpan.FromHours(2));

        (await user.Get($"/api/sessions/{session}")).ShouldBeProblem(401, "invalid_token");
        (await scoped.Get($"/api/sessions/{session}")).ShouldBeProblem(401, "invalid_token");
        await LookAtAccess(server);
        call.Write("Late").Finish();
        chatCall.Write("Late").Finish();
        foreach (var stream in (EventStreamReader[])[own, second])
        {
            Assert.Equal("Late", (await stream.Until("text-delta")).Json.GetProperty("delta").GetString());
            Assert.Equal("[DONE]", (await stream.ToEnd())[^1].Data);
        }

        Assert.Equal(["content", "done"], (await chat.ToEnd()).Select(one => one.Type).TakeLast(2));
        Assert.Equal(["completed|"], await Orion.Database.Query("SELECT status FROM replies WHERE session_id = @p0", Orion.Database.Id(Guid.Parse(session))));
    }

    // One look is at all callers. When it has cut the stream of another user, it has seen the others, too.
    private async Task LookAtAccess(OrionServer server)
    {
        var user = server.As(_email);
        using var stream = await user.OpenReply(await user.Create());
        await server.Model.NextCall();
        await Orion.Database.Execute(
            "UPDATE authorized_users SET revoked_at = @p0 WHERE email = @p1", Orion.Database.Instant(TimeProvider.System.GetUtcNow()), _email);
        await Assert.ThrowsAnyAsync<IOException>(stream.ToEnd);
    }
}

[Collection(OnPostgres.Name)]
public sealed class ReplyAccessOnPostgres(PostgresOrion orion) : ReplyAccess(orion);

[Collection(OnSqlite.Name)]
public sealed class ReplyAccessOnSqlite(SqliteOrion orion) : ReplyAccess(orion);
