using Microsoft.Extensions.DependencyInjection;
using Orion.Infrastructure.Replies;

namespace Orion.IntegrationTests.Replies;

/// <summary>The frames of replies are deleted 10 minutes after their end.</summary>
public abstract class FrameDeletion(OrionFixture orion) : OrionTests(orion)
{
    private const int MoreThanABatch = 25;

    [Fact]
    public async Task After_10_minutes_the_stream_is_made_of_the_message_with_one_delta()
    {
        await using var server = await OrionServer.Start(Orion.Database);
        server.Model.TakeCalls();
        using var running = await server.Api.OpenReply(await server.Api.Create());
        var call = await server.Model.NextCall();
        call.Write("Running");
        await running.Until("text-delta");
        var ended = new List<string>();
        for (var n = 0; n < MoreThanABatch; n++) ended.Add(await Complete(server));
        server.Clock.Advance(TimeSpan.FromSeconds(70));
        var recent = await Complete(server);
        server.Clock.Advance(TimeSpan.FromSeconds(540));

        using (var cleanup = ActivatorUtilities.CreateInstance<FrameCleanup>(server.Services))
        {
            await cleanup.StartAsync(TestContext.Current.CancellationToken);
            await Eventually.Until(
                async () => (await Orion.Database.Query("SELECT DISTINCT reply_id FROM reply_frames")).Count <= 2, "The frames are not deleted.");
            // It deletes the oldest first, and must not go on.
            await Task.Delay(1000, TestContext.Current.CancellationToken);
            await cleanup.StopAsync(TestContext.Current.CancellationToken);
        }

        foreach (var path in ended)
        {
            using var stream = await server.Api.Open(HttpMethod.Get, path);
            var events = await stream.ToEnd();
            Assert.Equal(["start", "text-start", "text-delta", "text-end", "finish", null], events.Select(one => one.Type));
            Assert.Equal(Enumerable.Range(1, 5), events.Take(5).Select(one => one.Id!.Value));
            Assert.EndsWith(events[0].Json.GetProperty("messageMetadata").GetProperty("replyId").GetString()!, path, StringComparison.Ordinal);
            Assert.Equal("One two", events[2].Json.GetProperty("delta").GetString());
            Assert.Equal("[DONE]", events[^1].Data);
        }

        (string, string) accept = ("Accept", "text/event-stream");
        foreach (var last in (string[])["1", "3", "5", "6", "7"])
            (await server.Api.Get(ended[0], accept, ("Last-Event-ID", last))).ShouldBeProblem(400, "invalid_cursor");
        Assert.Equal(("completed", "One two"), (await server.Api.Get(ended[0])).Should(200) is var reply ? (reply.Text("status"), reply.Text("text")) : default);

        // Those of a reply that ended 9 minutes ago, and of one that has not ended, are still there.
        using var rest = await server.Api.Open(HttpMethod.Get, recent, null, ("Last-Event-ID", "3"));
        Assert.Equal(["text-delta", "text-end", "finish", null], (await rest.ToEnd()).Select(one => one.Type));
        using var again = await server.Api.Open(HttpMethod.Get, running.Header("Location")!);
        await again.Until("text-delta");
        call.Finish();
        Assert.Equal(["text-end", "finish", null], (await running.ToEnd()).Select(one => one.Type));
        Assert.Equal(["text-end", "finish", null], (await again.ToEnd()).Select(one => one.Type));
    }

    // Returns the path of a reply that has ended, with two deltas.
    private static async Task<string> Complete(OrionServer server)
    {
        using var stream = await server.Api.OpenReply(await server.Api.Create());
        var call = await server.Model.NextCall();
        call.Write("One ");
        await stream.Until("text-delta");
        call.Write("two").Finish();
        await stream.ToEnd();
        return stream.Header("Location")!;
    }
}

[Collection(OnPostgres.Name)]
[OneInstance("These tests start their own servers.")]
public sealed class FrameDeletionOnPostgres(PostgresOrion orion) : FrameDeletion(orion);

[Collection(OnSqlite.Name)]
public sealed class FrameDeletionOnSqlite(SqliteOrion orion) : FrameDeletion(orion);
