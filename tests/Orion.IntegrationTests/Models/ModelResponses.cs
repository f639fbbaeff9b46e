using System.Diagnostics;
using System.Text;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Models;

namespace Orion.IntegrationTests.Models;

/// <summary>The client of the model's API, against the stand-in.</summary>
public sealed class ModelResponses : IAsyncLifetime
{
    private const string Secret = "The provider repeats the conversation here.";

    private ModelStandIn _model = null!;
    private ModelClient? _client;

    public async ValueTask InitializeAsync() => _model = await ModelStandIn.Start();

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Text_arrives_piece_by_piece_with_its_usage()
    {
        var updates = await Read();

        Assert.Equal(
            [
                new ModelUpdate.Delta("Hello", false), new ModelUpdate.Delta(", ", false), new ModelUpdate.Delta("world.", false),
                new ModelUpdate.Finished(false, new TokenUsage(12, 3)),
            ],
            updates);
    }

    [Fact]
    public async Task A_piece_arrives_before_the_next_one_is_written()
    {
        using var gate = new SemaphoreSlim(0);
        _model.Script = async reply =>
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
    public async Task The_request_has_the_model_the_messages_and_the_key_and_nothing_about_the_machine()
    {
        using var activity = new Activity("request").Start();
        await Read(model: ModelStandIn.OtherName, messages:
        [
            new(ModelRole.System, "Be brief."), new(ModelRole.User, "Hi 😀"), new(ModelRole.Assistant, "Hello"), new(ModelRole.User, "How are you?"),
        ]);

        var request = Assert.Single(_model.Requests);
        Assert.Equal(ModelStandIn.OtherName, request.Model);
        Assert.Equal(["system: Be brief.", "user: Hi 😀", "assistant: Hello", "user: How are you?"], request.Messages);
        Assert.True((bool)request.Body["stream"]!);
        Assert.True((bool)request.Body["stream_options"]!["include_usage"]!);
        Assert.Equal(["messages", "model", "stream", "stream_options"], request.Body.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal($"Bearer {ModelStandIn.ApiKey}", request.Headers["Authorization"]);
        Assert.StartsWith("Orion/", request.Headers["User-Agent"], StringComparison.Ordinal);
        Assert.Equal(
            ["Accept", "Authorization", "Content-Length", "Content-Type", "Host", "User-Agent"],
            request.Headers.Keys.Order(StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Without_a_key_no_Authorization_is_sent()
    {
        await Read(Client(apiKey: null));

        Assert.DoesNotContain("Authorization", _model.Request.Headers.Keys);
    }

    [Theory]
    [InlineData("reasoning_content")]
    [InlineData("reasoning")]
    public async Task Reasoning_arrives_as_reasoning(string member)
    {
        _model.Script = async reply =>
        {
            await reply.Reasoning("Let me ", member);
            await reply.Chunk($$"""{"{{member}}":"think.","content":""}""");
            await reply.Chunk($$"""{"{{member}}":null,"content":"42"}""");
            await reply.Finish();
        };

        Assert.Equal(
            [
                new ModelUpdate.Delta("Let me ", true), new ModelUpdate.Delta("think.", true), new ModelUpdate.Delta("42", false),
                new ModelUpdate.Finished(false, null),
            ],
            await Read());
    }

    [Fact]
    public async Task Reasoning_in_both_members_arrives_once()
    {
        _model.Script = async reply =>
        {
            await reply.Chunk("""{"reasoning":"Hm.","reasoning_content":"Hm."}""");
            await reply.Text("42");
            await reply.Finish();
        };

        Assert.Equal([new("Hm.", true), new("42", false)], (await Read()).OfType<ModelUpdate.Delta>());
    }

    [Fact]
    public async Task A_refusal_is_text()
    {
        _model.Script = async reply =>
        {
            await reply.Delta("refusal", "I cannot help with that.");
            await reply.Finish();
        };

        Assert.Equal("I cannot help with that.", TextOf(await Read()));
    }

    [Theory]
    [InlineData("stop", false)]
    [InlineData("length", true)]
    [InlineData("content_filter", false)]
    [InlineData("tool_calls", false)]
    [InlineData("function_call", false)]
    public async Task A_known_finish_reason_is_a_finish(string reason, bool isTruncated)
    {
        _model.Script = async reply =>
        {
            await reply.Text("Hello");
            await reply.Finish(reason);
        };

        Assert.Equal([new ModelUpdate.Delta("Hello", false), new ModelUpdate.Finished(isTruncated, null)], await Read());
    }

    [Fact]
    public async Task Tool_calls_are_ignored()
    {
        _model.Script = async reply =>
        {
            await reply.Chunk("""{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{not json"}}]}""");
            await reply.Finish("tool_calls");
        };

        Assert.Equal([new ModelUpdate.Finished(false, null)], await Read());
    }

    [Theory]
    [InlineData(300, ModelFailure.Refused)]
    [InlineData(304, ModelFailure.Refused)]
    [InlineData(400, ModelFailure.Refused)]
    [InlineData(401, ModelFailure.Refused)]
    [InlineData(403, ModelFailure.Refused)]
    [InlineData(404, ModelFailure.Refused)]
    [InlineData(408, ModelFailure.Unavailable)]
    [InlineData(413, ModelFailure.Refused)]
    [InlineData(422, ModelFailure.Refused)]
    [InlineData(429, ModelFailure.Busy)]
    [InlineData(500, ModelFailure.Unavailable)]
    [InlineData(502, ModelFailure.Unavailable)]
    [InlineData(503, ModelFailure.Unavailable)]
    [InlineData(529, ModelFailure.Unavailable)]
    public async Task A_status_is_a_failure_and_is_not_retried(int status, ModelFailure expected)
    {
        _model.Script = reply => status == 304
            ? reply.Status(status)
            : reply.Error(status, "invalid_request_error", "context_length_exceeded", Secret);

        var failure = await Fails(expected);

        Assert.Contains(
            status == 304 ? "status 304." : $"status {status} (type invalid_request_error, code context_length_exceeded).",
            failure.Message,
            StringComparison.Ordinal);
        Assert.Single(_model.Requests);
    }

    [Theory]
    [InlineData("""{"error":"model not found"}""", "status 404.")]
    [InlineData("""{"error":{"message":"x","type":null,"code":40402}}""", "status 404 (code 40402).")]
    [InlineData("""{"error":{"type":{"a":1},"code":["b"]}}""", "status 404.")]
    [InlineData("""{"error":{"type":"a\ud800b","code":"c\nd\u001b[31m"}}""", @"status 404 (type a\ud800b, code c\nd\u001b[31m).")]
    [InlineData("""{"error":{"type":"äöüa"}}""", "status 404 (type a).")]
    [InlineData("[1]", "status 404.")]
    [InlineData("not json", "status 404.")]
    [InlineData("", "status 404.")]
    public async Task Only_type_and_code_of_an_error_are_recorded(string body, string expected)
    {
        _model.Script = reply => reply.Status(404, body);

        Assert.EndsWith(expected, (await Fails(ModelFailure.Refused)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Type_and_code_are_cut_to_64_characters()
    {
        _model.Script = reply => reply.Error(400, new string('t', 1000), new string('c', 1000), Secret);

        Assert.EndsWith(
            $"(type {new string('t', 64)}, code {new string('c', 64)}).", (await Fails(ModelFailure.Refused)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using var other = await ModelStandIn.Start();
        _model.Script = reply => reply.Redirect($"{other.Url}/chat/completions", status);

        await Fails(ModelFailure.Refused);

        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData("<html><body>Sign in</body></html>", "text/html")]
    [InlineData("""{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}""", "application/json")]
    [InlineData("", "text/plain")]
    public async Task A_response_that_is_no_stream_is_a_failure(string body, string type)
    {
        _model.Script = reply => reply.Status(200, body, type);

        Assert.Contains("not an event stream", (await Fails(ModelFailure.Unavailable)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: not json\n\n")]
    [InlineData("data: [1,2]\n\n")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":5}}]}\n\n")]
    [InlineData("<html><body>Sign in</body></html>")]
    [InlineData("\0\u0001\u0002garbage\n\n")]
    [InlineData("data: {}\n\n")]
    public async Task Garbage_in_the_stream_is_a_failure_and_keeps_what_came_before(string garbage)
    {
        _model.Script = async reply =>
        {
            await reply.Text("Hello");
            await reply.Raw(garbage.Replace("not json", Secret, StringComparison.Ordinal));
        };

        await Fails(ModelFailure.Unavailable, "Hello");
    }

    [Theory]
    [InlineData("data: ")]
    [InlineData("event: error\ndata: ")]
    public async Task An_error_object_in_the_stream_is_a_failure(string prefix)
    {
        _model.Script = async reply =>
        {
            await reply.Text("Hello");
            await reply.Raw($$$"""{{{prefix}}}{"error":{"message":"{{{Secret}}}","type":"server_error","code":"overloaded"}}""" + "\n\n");
            await reply.Finish();
        };

        var failure = await Fails(ModelFailure.Unavailable, "Hello");

        Assert.EndsWith("(type server_error, code overloaded).", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stopped_by_provider")]
    [InlineData("")]
    public async Task An_unknown_finish_reason_is_a_failure(string reason)
    {
        _model.Script = async reply =>
        {
            await reply.Text("Hello");
            await reply.Finish(reason);
        };

        await Fails(ModelFailure.Unavailable, "Hello");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_end_without_a_finish_reason_is_a_failure(bool isDone)
    {
        _model.Script = async reply =>
        {
            await reply.Text("Hello");
            if (isDone) await reply.Event("[DONE]");
        };

        await Fails(ModelFailure.Unavailable, "Hello");
    }

    [Fact]
    public async Task A_broken_connection_is_a_failure()
    {
        _model.Script = async reply =>
        {
            await reply.Text("Hello");
            await reply.BreakOff();
        };

        await Fails(ModelFailure.Unavailable, "Hello");
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_of_a_character_is_a_failure()
    {
        _model.Script = async reply =>
        {
            await reply.Text("Hello");
            await reply.Raw([.. "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""u8, 0xf0, 0x9f]);
        };

        await Fails(ModelFailure.Unavailable, "Hello");
    }

    [Fact]
    public async Task A_connection_that_breaks_after_the_finish_reason_is_a_finish()
    {
        _model.Script = async reply =>
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
        _model.Script = async reply =>
        {
            await reply.Text("Hello");
            await reply.FinishReason("stop");
            await reply.Stall();
        };

        Assert.Equal([new ModelUpdate.Delta("Hello", false), new ModelUpdate.Finished(false, null)], await Read(Client(stall: 60)).WaitAsync(Limit, Cancelled));
    }

    [Fact]
    public async Task An_unreachable_provider_is_a_failure()
    {
        await _model.DisposeAsync();

        var failure = await Fails(ModelFailure.Unavailable);

        Assert.Contains("cannot be reached", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("headers")]
    [InlineData("text")]
    [InlineData("half a line")]
    [InlineData("an error")]
    public async Task Silence_is_a_timeout_and_closes_the_connection(string before)
    {
        _model.Script = async reply =>
        {
            if (before == "headers") await reply.Begin();
            if (before == "text") await reply.Text("Hello");
            if (before == "half a line") await reply.Raw("data: {\"choi");
            if (before == "an error") await reply.Status(200, "", "text/event-stream");
            await reply.Stall();
        };
        if (before == "an error")
        {
            _model.Script = async reply =>
            {
                await reply.Status(500, "{\"error\":");
                await reply.Stall();
            };
        }

        await Fails(before == "an error" ? ModelFailure.Unavailable : ModelFailure.Timeout, before == "text" ? "Hello" : "", Client(stall: 1));

        await _model.Request.Aborted.WaitAsync(Limit, Cancelled);
    }

    [Fact]
    public async Task A_model_that_writes_slowly_is_not_silent()
    {
        _model.Script = async reply =>
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
        _model.Script = async reply =>
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
        await Eventually.Until(() => _model.Requests.Count == 1, "No request.");
        await Task.Delay(100, Cancelled);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Limit, Cancelled));
        await _model.Request.Aborted.WaitAsync(TimeSpan.FromSeconds(1.5), Cancelled);
    }

    [Fact]
    public async Task A_reader_that_leaves_closes_the_connection_at_once()
    {
        _model.Script = reply => reply.Tokens(10_000, perSecond: 20);

        await foreach (var update in Client(stall: 60).Stream(ModelStandIn.Name, Hello, Cancelled))
        {
            Assert.IsType<ModelUpdate.Delta>(update);
            break;
        }

        await _model.Request.Aborted.WaitAsync(TimeSpan.FromSeconds(1.5), Cancelled);
    }

    [Fact]
    public async Task A_character_that_is_split_between_packets_is_whole()
    {
        var bytes = Encoding.UTF8.GetBytes("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a😀ß\"}}]}\n\n");
        _model.Script = async reply =>
        {
            foreach (var one in bytes)
            {
                await reply.Raw([one]);
                await Task.Delay(1, reply.Aborted);
            }

            await reply.Finish();
        };

        Assert.Equal("a😀ß", TextOf(await Read()));
    }

    [Fact]
    public async Task A_surrogate_pair_that_is_split_between_pieces_is_whole()
    {
        _model.Script = async reply =>
        {
            await reply.Chunk("""{"content":"a\ud83d"}""");
            await reply.Chunk("""{"content":"\ude00\\ud83d b"}""");
            await reply.Chunk("""{"reasoning":"\ud83d\ude00 \udfff"}""");
            await reply.Chunk("""{"content":"\uD800"}""");
            await reply.Finish();
        };

        Assert.Equal(
            [new("a\ud83d", false), new(@"😀\ud83d b"[1..], false), new("😀 \udfff", true), new("\ud800", false)],
            (await Read()).OfType<ModelUpdate.Delta>());
    }

    [Fact]
    public async Task A_line_of_8_MB_and_a_reply_of_10_MB_are_read()
    {
        _model.Script = async reply =>
        {
            await reply.Text(new string('a', 8_000_000));
            for (var i = 0; i < 200; i++) await reply.Text(new string('b', 10_000));
            await reply.Finish();
        };

        Assert.Equal(10_000_000, TextOf(await Read()).Length);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(20_000_000)]
    public async Task More_than_16_MiB_are_not_read(int line)
    {
        _model.Script = async reply =>
        {
            for (var i = 0; i < 60_000_000 / line; i++) await reply.Text(new string('a', line));
            await reply.Finish();
        };

        var failure = await Fails(ModelFailure.Unavailable, text: null);

        Assert.Contains("larger than 16 MiB", failure.Message, StringComparison.Ordinal);
        await _model.Request.Aborted.WaitAsync(Limit, Cancelled);
    }

    [Fact]
    public async Task The_error_of_a_status_is_read_up_to_a_limit()
    {
        _model.Script = async reply =>
        {
            var text = new string('x', 100_000);
            await reply.Status(400, "{\"error\":{\"message\":\"");
            while (true) await reply.Raw(text);
        };

        Assert.EndsWith("status 400.", (await Fails(ModelFailure.Refused).WaitAsync(Limit, Cancelled)).Message, StringComparison.Ordinal);
    }

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static ModelMessage[] Hello => [new(ModelRole.User, "Hello")];

    private static string TextOf(IEnumerable<ModelUpdate> updates) =>
        string.Concat(updates.OfType<ModelUpdate.Delta>().Where(delta => !delta.IsReasoning).Select(delta => delta.Text));

    private ModelClient Client(string? apiKey = ModelStandIn.ApiKey, int stall = 30)
    {
        _client?.Dispose();
        return _client = new ModelClient(
            new ModelSettings
            {
                Endpoint = new Uri(_model.Url),
                ApiKey = apiKey,
                Names = [ModelStandIn.Name, ModelStandIn.OtherName],
                StallTimeout = TimeSpan.FromSeconds(stall),
            },
            TimeProvider.System);
    }

    private async Task<List<ModelUpdate>> Read(
        ModelClient? client = null, string model = ModelStandIn.Name, IReadOnlyList<ModelMessage>? messages = null, List<ModelUpdate>? into = null)
    {
        into ??= [];
        await foreach (var update in (client ?? Client()).Stream(model, messages ?? Hello, Cancelled)) into.Add(update);
        return into;
    }

    // The exception, with everything in it that a log or a trace may show.
    private async Task<ModelException> Fails(ModelFailure expected, string? text = "", ModelClient? client = null)
    {
        client ??= Client();
        var updates = new List<ModelUpdate>();

        var failure = await Assert.ThrowsAnyAsync<ModelException>(() => Read(client, into: updates));

        Assert.Equal(expected, failure.Failure);
        Assert.DoesNotContain(Secret, failure.ToString(), StringComparison.Ordinal);
        Assert.Null(failure.InnerException);
        if (text is not null) Assert.Equal(text, TextOf(updates));
        Assert.DoesNotContain(updates, update => update is ModelUpdate.Finished);
        return failure;
    }
}
