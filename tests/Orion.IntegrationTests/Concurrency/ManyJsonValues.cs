using System.Text;
using Microsoft.Extensions.Logging;

namespace Orion.IntegrationTests.Concurrency;

/// <summary>Bodies of many JSON values take many times their bytes while they are read, and that memory is bounded, too.</summary>
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
    public async Task They_are_refused_for_what_they_hold(string kind)
    {
        var id = await Server.Api.Create();
        var page = Server.With(await Server.Api.Mint(id));
        var before = await _database.Snapshot();

        var answer = await page.Post($"/api/sessions/{id}/messages", Body(kind));

        answer.ShouldRefuse(400, "validation_failed", "metadata");
        Assert.Equal(before, await _database.Snapshot());
    }

    [Theory]
    [InlineData("values")]
    [InlineData("members")]
    public async Task Many_at_once_are_refused_without_an_error(string kind)
    {
        var id = await Server.Api.Create();
        var page = Server.With(await Server.Api.Mint(id));
        var body = Body(kind);

        var answers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => page.Post($"/api/sessions/{id}/messages", body)));

        Assert.All(answers, answer => Assert.Contains(answer.Status, (int[])[400, 503]));
        Assert.All(Server.Log.All, line => Assert.True(line.Level < LogLevel.Error, $"{line}"));

        // All of the memory comes back.
        (await page.Post($"/api/sessions/{id}/messages", body)).Should(400);
    }

    [Theory]
    [InlineData("values")]
    [InlineData("members")]
    public async Task They_wait_for_the_memory_that_their_caller_holds_already(string kind)
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
    public async Task What_is_no_strict_JSON_stays_malformed_in_any_length(string value)
    {
        foreach (var padding in (int[])[0, 5_000, 100_000])
            (await Server.Api.Post("/api/sessions", $"{{{new string(' ', padding)}\"a\":{value}}}")).ShouldRefuse(400, "malformed_json");
    }

    private static string Body(string kind)
    {
        var items = new StringBuilder(Length + 100);
        for (var n = 0; items.Length < Length; n++) items.Append(n > 0 ? "," : "").Append(kind == "members" ? $"\"{n:x}\":1" : "1");
        return kind == "members" ? $$$"""{"role":"user","content":"Hello","metadata":{{{{items}}}}}""" : $$$"""{"role":"user","content":"Hello","metadata":{"a":[{{{items}}}]}}""";
    }
}
