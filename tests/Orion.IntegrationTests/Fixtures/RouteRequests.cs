
namespace Orion.IntegrationTests.Fixtures;

/// <summary>Valid requests for each route, so that only the ownership of the session decides about the response.</summary>
internal static class RouteRequests
{
    // ID is replaced by the session's id.
    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["POST /api/sessions"] = """{"title":"New"}""",
        ["POST /api/sessions/create"] = """{"firstMessage":"New"}""",
        ["PATCH /api/sessions/{sessionId}"] = """{"title":"Taken"}""",
        ["POST /api/sessions/{sessionId}/forks"] = """{"title":"Taken"}""",
        ["POST /api/sessions/{sessionId}/messages"] = """{"role":"user","content":"Taken"}""",
        ["POST /api/sessions/save-message"] = """{"sessionId":"ID","role":"user","content":"Taken"}""",
        ["POST /api/sessions/delete"] = """{"sessionId":"ID"}""",
        ["POST /api/sessions/{sessionId}/replies"] = "{}",
        ["POST /api/chat-stream-v2"] = """{"message":"Hello"}""",
        // Mcp/ModelContextProtocol.cs tests the ownership of the sessions that tools name.
        ["POST /mcp"] = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"start_session","arguments":{}}}""",
        ["POST /api/tokens"] = """{"sessionId":"ID"}""",
    };

    private static readonly Dictionary<string, string> Queries = new()
    {
        ["/api/sessions/messages"] = "?sessionId=ID",
        ["/api/search"] = "?q=one&sessionId=ID",
    };

    /// <summary>The body of a request to a route; null if the route has none.</summary>
    public static string? BodyFor(this Route route, string session) =>
        Bodies.GetValueOrDefault($"{route.Method} {route.Path}")?.Replace("ID", session, StringComparison.Ordinal);

    /// <summary>The query of a request to a path; null if it needs none.</summary>
    public static string? QueryFor(string path, string session) =>
        Queries.GetValueOrDefault(path)?.Replace("ID", session, StringComparison.Ordinal);

    /// <summary>Whether the route names a session in its path, its query or its body.</summary>
    public static bool NamesSession(this Route route) => route.Method != "*"
        && (route.Path.Contains("{sessionId", StringComparison.Ordinal) || Queries.ContainsKey(route.Path)
            || (Bodies.TryGetValue($"{route.Method} {route.Path}", out var body) && body.Contains("ID", StringComparison.Ordinal)));

    /// <summary>Sends a request for a session, and for a message or a reply, to a route.</summary>
    public static Task<ApiResponse> Ask(this ApiClient api, Route route, string session, string item, params (string, string)[] headers)
    {
        var path = route.Path.Replace("{sessionId}", session, StringComparison.Ordinal)
            .Replace("{messageId}", item, StringComparison.Ordinal).Replace("{replyId}", item, StringComparison.Ordinal)
            + QueryFor(route.Path, session);
        var body = route.BodyFor(session);
        var method = route.Method == "*" ? "PUT" : route.Method;
        return api.Send(new HttpMethod(method), path, body is null ? null : new StringContent(body, null, "application/json"), headers);
    }
}
