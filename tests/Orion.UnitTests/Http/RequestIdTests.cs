using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Orion.Api.Http;

namespace Orion.UnitTests.Http;

public sealed partial class RequestIdTests
{
    private readonly RecordingLogger<RequestIdMiddleware> _log = new();

    public static TheoryData<string> Harmless => ["a", "A-Z_0.9", "----", new string('x', 64)];

    public static TheoryData<string[]> Harmful => new(new string[][]
    {
        [""],
        [new string('x', 65)],
        ["a b"],
        ["a\tb"],
        ["a:b"],
        ["a\"b"],
        ["<script>"],
        ["ä"],
        ["٣"],
        ["a,b"],
        ["a", "b"],
        ["a", "a"],
    });

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task A_valid_id_of_the_client_is_used(string sent)
    {
        var context = await Send(sent);
        Assert.Equal(sent, context.TraceIdentifier);
        Assert.Equal(sent, context.Response.Headers["X-Request-Id"]);
    }

    [Theory]
    [MemberData(nameof(Harmful))]
    public async Task Any_other_id_is_replaced(string[] sent)
    {
        var context = await Send(sent);
        Assert.Matches(Made(), context.TraceIdentifier);
        Assert.Equal(context.TraceIdentifier, context.Response.Headers["X-Request-Id"]);
    }

    [Fact]
    public async Task Without_an_id_each_request_gets_one_of_its_own()
    {
        var ids = new HashSet<string>();
        for (var i = 0; i < 1000; i++)
            Assert.True(ids.Add((await Send()).TraceIdentifier));
        Assert.All(ids, id => Assert.Matches(Made(), id));
    }

    [Fact]
    public void Many_threads_never_make_the_same_id()
    {
        var ids = new string[20_000];
        Parallel.For(0, ids.Length, i => ids[i] = RequestIds.New());
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public async Task The_id_is_in_the_log_scope_only_during_the_request()
    {
        IReadOnlyList<object> during = [];
        var context = MiddlewareHost.Request(headers: ("X-Request-Id", ["abc"]));
        await new RequestIdMiddleware(_ =>
        {
            during = [.. _log.OpenScopes];
            return Task.CompletedTask;
        }, _log).InvokeAsync(context);

        var scope = Assert.IsType<RequestIdScope>(Assert.Single(during));
        Assert.Equal("RequestId:abc", scope.ToString());
        Assert.Equal([new KeyValuePair<string, object?>("RequestId", "abc")], scope);
        Assert.Empty(_log.OpenScopes);
    }

    private async Task<HttpContext> Send(params string[] ids)
    {
        var context = MiddlewareHost.Request();
        if (ids.Length > 0)
            context.Request.Headers["X-Request-Id"] = ids;
        await new RequestIdMiddleware(_ => Task.CompletedTask, _log).InvokeAsync(context);
        await MiddlewareHost.Start(context);
        return context;
    }

    [GeneratedRegex("^[0-9a-f]{24}$")]
    private static partial Regex Made();
}
