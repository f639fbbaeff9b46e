using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Orion.Api.Errors;
using Orion.Api.Hosting;
using Orion.Api.Http;
using Orion.Api.Sessions;
using Orion.Application.Idempotency;

namespace Orion.UnitTests.Idempotency;

public sealed class IdempotencyKeysTests
{
    private const string Body = """{"title":"x"}""";

    [Theory]
    [InlineData("a", "a")]
    [InlineData("8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324")]
    [InlineData("\"8e03978e-40d5-43e8-bc93-6894a57f9324\"", "8e03978e-40d5-43e8-bc93-6894a57f9324")]
    [InlineData("!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")]
    [InlineData("\"a\\\"b\"", "a\"b")]
    [InlineData("\"a\\\\b\"", "a\\b")]
    [InlineData("\"\\\"\"", "\"")]
    [InlineData("\"", "\"")]
    [InlineData("\"a", "\"a")]
    [InlineData("a\"", "a\"")]
    public async Task A_key_is_accepted_quoted_or_plain(string header, string key)
    {
        var (body, read, problem) = await Read(header);

        Assert.Null(problem);
        Assert.Equal("x", body!.Title);
        Assert.Equal((key, "POST", "/path"), (read!.Key, read.Method, read.Path));
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(Body)), read.BodyHash);
    }

    [Fact]
    public async Task A_key_of_255_characters_is_the_longest_and_its_quotes_do_not_count()
    {
        var longest = new string('k', IdempotencyKey.MaxLength);

        Assert.Equal(longest, (await Read(longest)).Key!.Key);
        Assert.Equal(longest, (await Read($"\"{longest}\"")).Key!.Key);
        Assert.NotNull((await Read(longest + "k")).Problem);
        Assert.NotNull((await Read($"\"{longest}k\"")).Problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("a b")]
    [InlineData("\"a b\"")]
    [InlineData("a\tb")]
    [InlineData("a\u007f")]
    [InlineData("caf\u00e9")]
    [InlineData("\"a\"b\"")]
    [InlineData("\"a\\b\"")]
    [InlineData("\"a\\\"")]
    [InlineData("a", "b")]
    [InlineData("a", "a")]
    public async Task Any_other_key_is_rejected_by_the_headers_name(params string[] header)
    {
        var (body, key, problem) = await Read(header);

        Assert.Null(body);
        Assert.Null(key);
        Assert.Equal((400, "validation_failed", "Idempotency-Key"), (problem!.Status, problem.Error, Assert.Single(problem.Members!).Key));
    }

    [Fact]
    public async Task Without_the_header_there_is_no_key()
    {
        var (body, key, problem) = await Read();

        Assert.Equal(("x", null, null), (body!.Title, key, problem));
    }

    [Fact]
    public async Task Each_byte_of_the_body_counts()
    {
        var (_, one, _) = await Read(["k"], Body);
        var (_, two, _) = await Read(["k"], Body + " ");

        Assert.NotEqual(one!.BodyHash, two!.BodyHash);
    }

    [Fact]
    public async Task An_invalid_body_hides_an_invalid_key()
    {
        var (_, _, problem) = await Read([""], "{");

        Assert.Equal("malformed_json", problem!.Error);
    }

    private static Task<(Command? Body, IdempotencyKey? Key, Problem? Problem)> Read(params string[] header) => Read(header, Body);

    private static async Task<(Command? Body, IdempotencyKey? Key, Problem? Problem)> Read(string[] header, string body)
    {
        using var timeouts = new RequestTimeouts(TimeProvider.System, CancellationToken.None);
        var http = MiddlewareHost.Request(method: "POST");
        http.Request.ContentType = "application/json";
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        http.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
        http.Features.Set(timeouts);
        if (header.Length > 0) http.Request.Headers["Idempotency-Key"] = header;
        var (command, problem) = await IdempotencyKeys.Read<CreateSessionRequest, Command>(
            http, "/path", (members, key) => new Command(members.Text("title")?.Value, key));
        return (command, command?.Key, problem);
    }

    private sealed record Command(string? Title, IdempotencyKey? Key);

    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }
}
