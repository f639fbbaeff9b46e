using Orion.Domain.Replies;

namespace Orion.IntegrationTests.Models;

/// <summary>Which failure an invalid or incomplete response is, and what is recorded of it.</summary>
public sealed class ModelFailures : ModelTests
{
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
        Model.Script = reply => status == 304
            ? reply.Status(status)
            : reply.Error(status, "invalid_request_error", "context_length_exceeded", Secret);

        var failure = await Fails(expected);

        Assert.Contains(
            status == 304 ? "status 304." : $"status {status} (type invalid_request_error, code context_length_exceeded).",
            failure.Message,
            StringComparison.Ordinal);
        Assert.Single(Model.Requests);
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
        Model.Script = reply => reply.Status(404, body);

        Assert.EndsWith(expected, (await Fails(ModelFailure.Refused)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Type_and_code_are_cut_to_64_characters()
    {
        Model.Script = reply => reply.Error(400, new string('t', 1000), new string('c', 1000), Secret);

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
        Model.Script = reply => reply.Redirect($"{other.Url}/chat/completions", status);

        await Fails(ModelFailure.Refused);

        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData("<html><body>Sign in</body></html>", "text/html")]
    [InlineData("""{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}""", "application/json")]
    [InlineData("", "text/plain")]
    public async Task A_response_that_is_no_stream_is_a_failure(string body, string type)
    {
        Model.Script = reply => reply.Status(200, body, type);

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
        Model.Script = async reply =>
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
        Model.Script = async reply =>
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
        Model.Script = async reply =>
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
        Model.Script = async reply =>
        {
            await reply.Text("Hello");
            if (isDone) await reply.Event("[DONE]");
        };

        await Fails(ModelFailure.Unavailable, "Hello");
    }

    [Fact]
    public async Task A_broken_connection_is_a_failure()
    {
        Model.Script = async reply =>
        {
            await reply.Text("Hello");
            await reply.BreakOff();
        };

        await Fails(ModelFailure.Unavailable, "Hello");
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_of_a_character_is_a_failure()
    {
        Model.Script = async reply =>
        {
            await reply.Text("Hello");
            await reply.Raw([.. "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""u8, 0xf0, 0x9f]);
        };

        await Fails(ModelFailure.Unavailable, "Hello");
    }

    [Fact]
    public async Task An_unreachable_provider_is_a_failure()
    {
        await Model.DisposeAsync();

        var failure = await Fails(ModelFailure.Unavailable);

        Assert.Contains("cannot be reached", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(20_000_000)]
    public async Task More_than_16_MiB_are_not_read(int line)
    {
        Model.Script = async reply =>
        {
            for (var i = 0; i < 60_000_000 / line; i++) await reply.Text(new string('a', line));
            await reply.Finish();
        };

        var failure = await Fails(ModelFailure.Unavailable, text: null);

        Assert.Contains("larger than 16 MiB", failure.Message, StringComparison.Ordinal);
        await Model.Request.Aborted.WaitAsync(Limit, Cancelled);
    }

    [Fact]
    public async Task The_error_of_a_status_is_read_up_to_a_limit()
    {
        Model.Script = async reply =>
        {
            var text = new string('x', 100_000);
            await reply.Status(400, "{\"error\":{\"message\":\"");
            while (true) await reply.Raw(text);
        };

        Assert.EndsWith("status 400.", (await Fails(ModelFailure.Refused).WaitAsync(Limit, Cancelled)).Message, StringComparison.Ordinal);
    }
}
