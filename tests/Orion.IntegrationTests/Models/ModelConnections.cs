using Orion.Application.Replies;
using Orion.Domain.Replies;

namespace Orion.IntegrationTests.Models;

/// <summary>When pieces arrive, silence ends a response, and a connection is closed.</summary>
public sealed class ModelConnections : ModelTests
{
    [Fact]
    public async Task A_piece_arrives_before_the_next_one_is_written()
    {
        using var gate = new SemaphoreSlim(0);
        Model.Script = async reply =>
        {
            for (var i = 0; i < 3; i++)
            {
                await reply.Text($"{i}");
                await gate.WaitAsync(reply.Aborted);
            }

            await reply.Finish();
        };

        var pieces = 0;
        await foreach (var update in Client().Stream(ModelStandIn.Name, Hello, Cancelled))
        {
            if (update is ModelUpdate.Delta delta) Assert.Equal($"{pieces++}", delta.Text);
            gate.Release();
        }

        Assert.Equal(3, pieces);
    }

    [Fact]
    public async Task A_connection_that_breaks_after_the_finish_reason_is_a_finish()
    {
        Model.Script = async reply =>
        {
            await reply.Text("Hello");
            await reply.FinishReason("stop");
            await reply.BreakOff();
        };

        Assert.Equal([new ModelUpdate.Delta("Hello", false), new ModelUpdate.Finished(false, null)], await Read());
    }

    [Fact]
    public async Task A_stream_that_is_not_closed_after_the_finish_reason_ends_soon()
    {
        Model.Script = async reply =>
        {
            await reply.Text("Hello");
            await reply.FinishReason("stop");
            await reply.Stall();
        };

        Assert.Equal([new ModelUpdate.Delta("Hello", false), new ModelUpdate.Finished(false, null)], await Read(Client(stall: 60)).WaitAsync(Limit, Cancelled));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("headers")]
    [InlineData("text")]
    [InlineData("half a line")]
    [InlineData("an error")]
    public async Task Silence_is_a_timeout_and_closes_the_connection(string before)
    {
        Model.Script = async reply =>
        {
            if (before == "headers") await reply.Begin();
            if (before == "text") await reply.Text("Hello");
            if (before == "half a line") await reply.Raw("data: {\"choi");
            if (before == "an error") await reply.Status(200, "", "text/event-stream");
            await reply.Stall();
        };
        if (before == "an error")
        {
            Model.Script = async reply =>
            {
                await reply.Status(500, "{\"error\":");
                await reply.Stall();
            };
        }

        await Fails(before == "an error" ? ModelFailure.Unavailable : ModelFailure.Timeout, before == "text" ? "Hello" : "", Client(stall: 1));

        await Model.Request.Aborted.WaitAsync(Limit, Cancelled);
    }

    [Fact]
    public async Task A_model_that_writes_slowly_is_not_silent()
    {
        Model.Script = async reply =>
        {
            await reply.Raw(": keep-alive\n\n");
            for (var i = 0; i < 4; i++)
            {
                await Task.Delay(600, reply.Aborted);
                await reply.Raw(": keep-alive\n\n");
            }

            await reply.Tokens(4, perSecond: 1.5);
            await reply.Finish();
        };

        Assert.Equal("word0 word1 word2 word3 ", TextOf(await Read(Client(stall: 2))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancellation_closes_the_connection_at_once(bool hasText)
    {
        Model.Script = async reply =>
        {
            if (hasText) await reply.Text("Hello");
            await reply.Stall();
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in Client(stall: 60).Stream(ModelStandIn.Name, Hello, stop.Token))
            {
            }
        }, Cancelled);
        await Eventually.Until(() => Model.Requests.Count == 1, "No request.");
        await Task.Delay(100, Cancelled);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Limit, Cancelled));
        await Model.Request.Aborted.WaitAsync(TimeSpan.FromSeconds(1.5), Cancelled);
    }

    [Fact]
    public async Task A_reader_that_leaves_closes_the_connection_at_once()
    {
        Model.Script = reply => reply.Tokens(10_000, perSecond: 20);

        await foreach (var update in Client(stall: 60).Stream(ModelStandIn.Name, Hello, Cancelled))
        {
            Assert.IsType<ModelUpdate.Delta>(update);
            break;
        }

        await Model.Request.Aborted.WaitAsync(TimeSpan.FromSeconds(1.5), Cancelled);
    }
}
