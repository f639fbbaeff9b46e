using System.Text;
using Microsoft.Extensions.Logging;

namespace Orion.IntegrationTests.Concurrency;

/// <summary>Bodies with many JSON values need a multiple of their size while they are parsed. That memory is limited too.</summary>
public sealed class ManyJsonValues : IAsyncLifetime
{
    private const int AtOnce = 12;
    private const int Length = 2_000_000;

    private readonly SqliteDatabase _database = new();
    private OrionServer? _server;

    private OrionServer Server => _server!;

    public async ValueTask InitializeAsync() => _server = await OrionServer.Start(_database);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("values")]
    [InlineData("members")]
    public async Task They_are_rejected_for_their_content(string kind)
    {
        var id = await Server.Api.Create();
        var page = Server.With(await Server.Api.Mint(id));
        var before = await _database.Snapshot();

        var response = await page.Post($"/api/sessions/{id}/messages", Body(kind));

        response.ShouldBeProblem(400, "validation_failed", "metadata");
        Assert.Equal(before, await _database.Snapshot());
    }

    [Theory]
    [InlineData("values")]
    [InlineData("members")]
    public async Task Many_at_once_are_rejected_without_an_error(string kind)
    {
        var id = await Server.Api.Create();
        var page = Server.With(await Server.Api.Mint(id));
        var body = Body(kind);

        var responses = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => page.Post($"/api/sessions/{id}/messages", body)));

        Assert.All(responses, response => Assert.Contains(response.Status, (int[])[400, 503]));
        Assert.All(Server.Log.All, line => Assert.True(line.Level < LogLevel.Error, $"{line}"));

        // All memory is released.
        (await page.Post($"/api/sessions/{id}/messages", body)).Should(400);
    }

    [Theory]
    [InlineData("values")]
    [InlineData("members")]
    public async Task They_wait_for_memory_that_the_same_caller_holds(string kind)
    {
        var id = await Server.Api.Create();
        var token = await Server.Api.Mint(id);
        var page = Server.With(token);
        var body = Body(kind);
        using (var unfinished = await RawHttp.Connect(Server.Port))
        {
            await unfinished.SendAsync(Encoding.ASCII.GetBytes(
                $"POST /api/sessions/{id}/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
                + $"Content-Type: application/json\r\nContent-Length: {Length}\r\n\r\n{new string(' ', Length / 2)}"));

            await Eventually.Until(async () => (await page.Post($"/api/sessions/{id}/messages", body)).Status == 503, "It was read without the memory.");
        }

        await Eventually.Until(async () => (await page.Post($"/api/sessions/{id}/messages", body)).Status == 400, "The memory was not given back.");
    }

    [Theory]
    [InlineData("[1,]")]
    [InlineData("[1] /* why */")]
    [InlineData("[1]}")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")]
    [InlineData("[1], \"b\": 1, \"b\": 2")]
    public async Task Malformed_JSON_of_any_length_is_malformed(string value)
    {
        foreach (var padding in (int[])[0, 5_000, 100_000])
            (await Server.Api.Post("/api/sessions", $"{{{new string(' ', padding)}\"a\":{value}}}")).ShouldBeProblem(400, "malformed_json");
    }

    private static string Body(string kind)
    {
        var items = new StringBuilder(Length + 100);
        for (var n = 0; items.Length < Length; n++) items.Append(n > 0 ? "," : "").Append(kind == "members" ? $"\"{n:x}\":1" : "1");
        return kind == "members" ? $$$"""{"role":"user","content":"Hello","metadata":{{{{items}}}}}""" : $$$"""{"role":"user","content":"Hello","metadata":{"a":[{{{items}}}]}}""";
    }
}
