using Orion.Infrastructure.Models;

namespace Orion.IntegrationTests.Models;

/// <summary>The built-in demonstration through HTTP.</summary>
public sealed class DemonstrationReplies : DedicatedTests
{
    [Fact]
    public async Task It_streams_a_reply_word_by_word_that_says_what_it_is()
    {
        var server = await Start(("environment", "Development"), ("MODEL_URL", "builtin:demo"));
        Assert.Equal("""{"models":[{"name":"demo"}],"count":1}""", (await server.Api.Get("/api/models")).Should(200).BodyText);
        var session = await server.Api.Create();

        using var stream = await server.Api.OpenReply(session);
        var events = await stream.ToEnd();
        using var chat = await server.Api.Open(HttpMethod.Post, "/api/chat-stream-v2", new { message = "Hello" });
        var chatEvents = await chat.ToEnd();

        Assert.Equal("demo", events[0].Json.GetProperty("messageMetadata").GetProperty("model").GetString());
        var text = Join(events, "text-delta", "delta");
        Assert.StartsWith("This is Orion's built-in demonstration, not a model.", text, StringComparison.Ordinal);
        Assert.Equal(DemoChatClient.Text, text);
        // Word by word: a frame may have several.
        Assert.InRange(events.Count(one => one.Type == "text-delta"), 10, text.Split(' ').Length);
        Assert.Equal(["text-end", "finish", null], events.TakeLast(3).Select(one => one.Type));
        Assert.Equal("[DONE]", events[^1].Data);
        Assert.Equal(["Hello", text], (await server.Api.Get($"/api/sessions/{session}/messages")).Should(200).Texts("messages", "content"));
        Assert.Equal(text, Join(chatEvents, "content", "text"));
        Assert.Equal("done", chatEvents[^1].Type);
    }

    private static string Join(IEnumerable<StreamEvent> events, string type, string member) =>
        string.Concat(events.Where(one => one.Type == type).Select(one => one.Json.GetProperty(member).GetString()));
}
