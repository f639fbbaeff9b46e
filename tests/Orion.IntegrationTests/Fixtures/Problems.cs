using System.Globalization;
using System.Text.Json;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>What every refusal looks like: contract, section 6 (RFC 9457).</summary>
internal static class Problems
{
    private static readonly string[] Always = ["type", "title", "status", "detail", "instance", "error", "requestId"];

    /// <summary>Fails unless this is the refusal with that status and code, complete and with nothing beside it.</summary>
    public static ApiResponse ShouldRefuse(this ApiResponse answer, int status, string error, params string[] fields)
    {
        answer.Should(status);
        SecurityHeaderAssertions.ShouldBeOn(answer);
        Assert.StartsWith("application/problem+json", answer.ContentType, StringComparison.Ordinal);
        if (answer.Method == "HEAD") return answer;

        var problem = answer.Json;
        Assert.Equal(error, answer.Text("error"));
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(answer.Needs("X-Request-Id"), answer.Text("requestId"));
        var path = answer.Path.Split('?')[0];
        Assert.Equal(path.Length <= 200 ? path : path[..200], answer.Text("instance"));
        foreach (var member in (string[])["type", "title", "detail"]) Assert.NotEqual("", answer.Text(member).Trim());

        var wanted = Always.ToHashSet();
        if (error is "validation_failed" or "unknown_member") wanted.Add("errors");
        if (answer.Header("Retry-After") is { } seconds)
        {
            wanted.Add("retryAfterSeconds");
            Assert.Equal(int.Parse(seconds, CultureInfo.InvariantCulture), problem.GetProperty("retryAfterSeconds").GetInt32());
        }

        Assert.Equal(wanted.Order(), problem.EnumerateObject().Select(member => member.Name).Order());
        if (wanted.Contains("errors")) ShouldNameFields(problem.GetProperty("errors"), fields);
        return answer;
    }

    /// <summary>Fails unless this is the refusal of a service that cannot ask its database now, which says when to come back.</summary>
    public static ApiResponse ShouldBeUnavailable(this ApiResponse answer)
    {
        answer.ShouldRefuse(503, "unavailable");
        Assert.True(int.Parse(answer.Needs("Retry-After"), CultureInfo.InvariantCulture) >= 1);
        return answer;
    }

    /// <summary>The body without what may differ between two refusals of a kind.</summary>
    public static string WithoutWhoAndWhere(this ApiResponse problem) => problem.BodyText
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
