using System.Globalization;
using System.Text.Json;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>The format of problem responses: contract, section 6 (RFC 9457).</summary>
internal static class Problems
{
    private static readonly string[] Always = ["type", "title", "status", "detail", "instance", "error", "requestId"];

    /// <summary>Fails unless the response is a problem with this status and code, and has exactly the members of the contract.</summary>
    public static ApiResponse ShouldBeProblem(this ApiResponse response, int status, string error, params string[] fields)
    {
        response.Should(status);
        SecurityHeaderAssertions.ShouldBeOn(response);
        Assert.StartsWith("application/problem+json", response.ContentType, StringComparison.Ordinal);
        if (response.Method == "HEAD") return response;

        var problem = response.Json;
        Assert.Equal(error, response.Text("error"));
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(response.Required("X-Request-Id"), response.Text("requestId"));
        var path = response.Path.Split('?')[0];
        Assert.Equal(path.Length <= 200 ? path : path[..200], response.Text("instance"));
        foreach (var member in (string[])["type", "title", "detail"]) Assert.NotEqual("", response.Text(member).Trim());

        var expected = Always.ToHashSet();
        if (error is "validation_failed" or "unknown_member") expected.Add("errors");
        if (error == "reply_in_progress") expected.Add("replyId");
        if (response.Header("Retry-After") is { } seconds)
        {
            expected.Add("retryAfterSeconds");
            Assert.Equal(int.Parse(seconds, CultureInfo.InvariantCulture), problem.GetProperty("retryAfterSeconds").GetInt32());
        }

        Assert.Equal(expected.Order(), problem.EnumerateObject().Select(member => member.Name).Order());
        if (expected.Contains("errors")) ShouldNameFields(problem.GetProperty("errors"), fields);
        return response;
    }

    /// <summary>Fails unless the response is the 503 of a service without its database, with <c>Retry-After</c>.</summary>
    public static ApiResponse ShouldBeUnavailable(this ApiResponse response)
    {
        response.ShouldBeProblem(503, "unavailable");
        Assert.True(int.Parse(response.Required("Retry-After"), CultureInfo.InvariantCulture) >= 1);
        return response;
    }

    /// <summary>The body without the request id and the path.</summary>
    public static string WithoutRequestDetails(this ApiResponse problem) => problem.BodyText
        .Replace(JsonSerializer.Serialize(problem.Text("requestId")), "\"…\"", StringComparison.Ordinal)
        .Replace(JsonSerializer.Serialize(problem.Text("instance")), "\"…\"", StringComparison.Ordinal);

    private static void ShouldNameFields(JsonElement errors, string[] fields)
    {
        var named = errors.EnumerateObject().ToList();
        Assert.NotEmpty(named);
        foreach (var field in named)
        {
            Assert.NotEmpty(field.Value.EnumerateArray());
            Assert.All(field.Value.EnumerateArray(), message => Assert.NotEqual("", message.GetString()));
        }

        if (fields.Length > 0) Assert.Equal(fields.Order(), named.Select(field => field.Name).Order());
    }
}
