using System.Diagnostics;
using System.Text;
using Orion.Application.Replies;
using Orion.Domain.Replies;

namespace Orion.IntegrationTests.Models;

/// <summary>What the client reads from complete responses.</summary>
public sealed class ModelResponses : ModelTests
{
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
    public async Task The_request_has_the_model_the_messages_and_the_key_and_nothing_about_the_machine()
    {
        using var activity = new Activity("request").Start();
        await Read(model: ModelStandIn.OtherName, messages:
        [
            new(ModelRole.System, "Be brief."), new(ModelRole.User, "Hi 😀"), new(ModelRole.Assistant, "Hello"), new(ModelRole.User, "How are you?"),
        ]);

        var request = Assert.Single(Model.Requests);
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

        Assert.DoesNotContain("Authorization", Model.Request.Headers.Keys);
    }

    [Theory]
    [InlineData("reasoning_content")]
    [InlineData("reasoning")]
    public async Task Reasoning_arrives_as_reasoning(string member)
    {
        Model.Script = async reply =>
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
        Model.Script = async reply =>
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
        Model.Script = async reply =>
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
        Model.Script = async reply =>
        {
            await reply.Text("Hello");
            await reply.Finish(reason);
        };

        Assert.Equal([new ModelUpdate.Delta("Hello", false), new ModelUpdate.Finished(isTruncated, null)], await Read());
    }

    [Theory]
    [InlineData("""{"role":"assistant","content":"Hello"}""", "\"error\":null,")]
    [InlineData("""{"role":"","content":"Hello"}""", "")]
    [InlineData("""{"content":"Hello", "role": ""}""", "\"error\": null, ")]
    public async Task Members_that_a_provider_leaves_empty_are_ignored(string delta, string others)
    {
        Model.Script = async reply =>
        {
            await reply.Event($$"""{{{others}}"choices":[{"index":0,"delta":{{delta}},"finish_reason":""}]}""");
            await reply.Text("""; "role":"" and \"finish_reason\": \"\" """);
            await reply.Finish();
        };

        Assert.Equal("""Hello; "role":"" and \"finish_reason\": \"\" """, TextOf(await Read()));
    }

    [Theory]
    [InlineData(-1, 3)]
    [InlineData(12, -1)]
    public async Task A_negative_usage_is_ignored(int input, int output)
    {
        Model.Script = reply => reply.Finish(usage: (input, output));

        Assert.Equal([new ModelUpdate.Finished(false, null)], await Read());
    }

    [Fact]
    public async Task Tool_calls_are_ignored()
    {
        Model.Script = async reply =>
        {
            await reply.Chunk("""{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{not json"}}]}""");
            await reply.Finish("tool_calls");
        };

        Assert.Equal([new ModelUpdate.Finished(false, null)], await Read());
    }

    [Fact]
    public async Task A_character_that_is_split_between_packets_is_whole()
    {
        var bytes = Encoding.UTF8.GetBytes("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a😀ß\"}}]}\n\n");
        Model.Script = async reply =>
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
        Model.Script = async reply =>
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
        Model.Script = async reply =>
        {
            await reply.Text(new string('a', 8_000_000));
            for (var i = 0; i < 200; i++) await reply.Text(new string('b', 10_000));
            await reply.Finish();
        };

        Assert.Equal(10_000_000, TextOf(await Read()).Length);
    }
}
