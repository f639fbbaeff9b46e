using System.Globalization;

namespace Orion.IntegrationTests.Replies;

/// <summary>Replies of a process that is killed, suspended or stopped.</summary>
public abstract class ReplyProcesses(OrionFixture orion) : OrionTests(orion)
{
    private static readonly TimeSpan LongerThanTheLease = TimeSpan.FromSeconds(31);

    [Fact]
    public async Task A_reply_of_a_killed_process_is_interrupted_and_keeps_what_readers_have_seen()
    {
        await using var started = await StartProcess();
        using var stream = started.Stream;

        await started.Process.Signal("KILL");
        await Assert.ThrowsAnyAsync<IOException>(stream.ToEnd);
        await using var next = await OrionServer.Start(started.Database);
        await Interrupts(next, started.Database);

        Assert.Equal(["Hello", "Seen"], (await next.Api.Get($"/api/sessions/{started.Session}/messages")).Should(200).Texts("messages", "content"));
    }

    [Fact]
    public async Task A_stop_gives_replies_10_seconds_to_end_and_then_ends_them_in_order()
    {
        var goOn = new TaskCompletionSource();
        await using var started = await StartProcess(async reply =>
        {
            await reply.Text("Seen");
            if (reply.Request.Messages[^1] != "user: Short") await reply.Stall();
            await goOn.Task.WaitAsync(reply.Aborted);
            await reply.Text(" to the end");
            await reply.Finish();
        });
        using var stalled = started.Stream;
        var shortSession = await started.Api.Create();
        using var ending = await started.Api.OpenReply(shortSession, new { content = "Short" });
        using var stalledChat = await started.Api.Open(HttpMethod.Post, "/api/chat-stream-v2", new { message = "Hello" });
        using var endingChat = await started.Api.Open(HttpMethod.Post, "/api/chat-stream-v2", new { message = "Short" });
        await ending.Until("text-delta");
        await stalledChat.Until("content");
        await endingChat.Until("content");

        await started.Process.Signal("TERM");
        await Eventually.Until(async () => await RejectsConnections(started.Http.BaseAddress!.Port), "It does not stop.");
        var (stalledRest, stalledChatRest) = (stalled.ToEnd(), stalledChat.ToEnd());
        goOn.SetResult();

        Assert.Equal(["text-delta", "text-end", "finish", null], (await ending.ToEnd()).Select(one => one.Type));
        Assert.Equal(["content", "done"], (await endingChat.ToEnd()).Select(one => one.Type));
        Assert.False(stalledRest.IsCompleted || stalledChatRest.IsCompleted);
        Assert.Equal(["text-end", "abort", null], (await stalledRest).Select(one => one.Type));
        Assert.Equal("interrupted", (await stalledRest)[1].Json.GetProperty("reason").GetString());
        Assert.Equal("[DONE]", (await stalledRest)[2].Data);
        Assert.Equal(["error", "content", "done"], (await stalledChatRest).Select(one => one.Type));
        var words = (await stalledChatRest)[0].Json.GetProperty("message").GetString();
        Assert.Equal("The reply was interrupted, because the service stops. Try again.", words);
        Assert.Equal(words, (await stalledChatRest)[1].Json.GetProperty("text").GetString());

        var ended = await started.Process.Ends(within: TimeSpan.FromSeconds(30));
        Assert.Equal(0, ended.ExitCode);
        Assert.DoesNotContain("Exception", ended.Output, StringComparison.Ordinal);
        Assert.Equal(["completed|", "interrupted|"], await started.Database.Query("SELECT status FROM replies ORDER BY status"));
        Assert.Equal(
            ["Seen|", "Seen to the end|"], await started.Database.Query("SELECT content FROM messages WHERE role = 'assistant' ORDER BY length(content)"));
    }

    private static async Task<bool> RejectsConnections(int port)
    {
        try
        {
            using var socket = await RawHttp.Connect(port);
            return false;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return true;
        }
    }

    /// <summary>Waits until a server has interrupted the reply.</summary>
    protected static async Task Interrupts(OrionServer server, TestDatabase database)
    {
        if (database.System == "postgresql")
        {
            // It looks at the leases every 5 s.
            await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
            server.Clock.Advance(LongerThanTheLease);
        }

        await Eventually.Until(async () => await database.Query("SELECT status FROM replies") is ["interrupted|"], "The reply is not interrupted.");
    }

    /// <summary>
    /// Starts a process on a new database, whose reply has sent "Seen". Without a script, it goes on with "Late" once
    /// <see cref="Started.GoesOn"/> is set.
    /// </summary>
    protected async Task<Started> StartProcess(Func<ModelReply, Task>? script = null, params (string Name, string Value)[] settings)
    {
        var started = new Started { Database = await Orion.CreateDatabase(), Model = await ModelStandIn.Start() };
        started.Model.Script = script ?? (async reply =>
        {
            await reply.Text("Seen");
            for (var n = 0; n < 100; n++)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), reply.Aborted);
                await (started.GoesOn ? reply.Text("Late") : reply.Raw(": keep-alive\n\n"));
            }
        });
        var port = PostgresCluster.FreePort();
        var environment = OrionProcess.Environment(started.Database, port);
        foreach (var (name, value) in started.Model.Settings.Concat(settings)) environment[name] = value;
        started.Process = OrionProcess.Start(Path.GetTempPath(), environment);
        started.Http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
        await started.Process.BecomesReady(started.Http);
        started.Api = new ApiClient(started.Http, () => TestToken.For(OrionServer.Owner).ToString());
        started.Session = await started.Api.Create();
        started.Stream = await started.Api.OpenReply(started.Session);
        await started.Stream.Until("text-delta");
        return started;
    }

    protected sealed class Started : IAsyncDisposable
    {
        private OrionProcess? _process;

        public required TestDatabase Database { get; init; }

        public required ModelStandIn Model { get; init; }

        internal OrionProcess Process { get => _process!; set => _process = value; }

        public HttpClient Http { get; set; } = null!;

        public ApiClient Api { get; set; } = null!;

        public string Session { get; set; } = "";

        public EventStreamReader Stream { get; set; } = null!;

        public bool GoesOn { get; set; }

        public async ValueTask DisposeAsync()
        {
            if (_process is not null) await _process.DisposeAsync();
            Http.Dispose();
            await Model.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}

[Collection(OnPostgres.Name)]
[OneInstance("These tests start their own servers.")]
public sealed class ReplyProcessesOnPostgres(PostgresOrion orion) : ReplyProcesses(orion)
{
    [Theory]
    [InlineData("60")]
    // Also longer than the longest silence of the model, as in a suspension of more than 60 s.
    [InlineData("5")]
    public async Task A_process_that_was_suspended_for_longer_than_its_lease_writes_nothing_when_it_goes_on(string stallSeconds)
    {
        await using var started = await StartProcess(settings: ("MODEL_STALL_SECONDS", stallSeconds));
        using var stream = started.Stream;
        await using var other = await OrionServer.Start(started.Database);
        using var reader = await other.Api.Open(HttpMethod.Get, $"/api/sessions/{started.Session}/stream");

        await started.Process.Signal("STOP");
        await Interrupts(other, started.Database);
        Assert.Equal(["text-end", "abort", null], (await reader.ToEnd()).TakeLast(3).Select(frame => frame.Type));
        var stored = await started.Database.Query("SELECT number, frames FROM reply_frames ORDER BY number");
        started.GoesOn = true;
        await started.Process.Signal("CONT");

        Assert.Equal(["text-end", "abort", null], (await stream.ToEnd()).Select(frame => frame.Type));
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.Equal(stored, await started.Database.Query("SELECT number, frames FROM reply_frames ORDER BY number"));
        Assert.Equal(["Hello", "Seen"], (await other.Api.Get($"/api/sessions/{started.Session}/messages")).Should(200).Texts("messages", "content"));
        Assert.False(started.Process.HasEnded);
    }
}

[Collection(OnSqlite.Name)]
public sealed class ReplyProcessesOnSqlite(SqliteOrion orion) : ReplyProcesses(orion);
