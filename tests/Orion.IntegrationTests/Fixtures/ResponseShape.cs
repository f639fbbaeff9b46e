using System.Text.Json;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>The members of a session and of a message, and their formats: contract, section 3.</summary>
internal static class ResponseShape
{
    private const string Instant = @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$";
    private const string Uuid = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";

    public static void IsSession(JsonElement session, bool archived = false, bool expires = false)
    {
        List<string> expected =
        [
            "sessionId", "userId", "title", "firstMessage", "lastMessage", "messageCount", "createdAt", "updatedAt", "version", "metadata",
        ];
        if (archived) expected.Add("archivedAt");
        if (expires) expected.Add("expiresAt");
        HasExactly(session, expected);
        Assert.Matches(Uuid, session.GetProperty("sessionId").GetString()!);
        Assert.Matches(Instant, session.GetProperty("createdAt").GetString()!);
        Assert.Matches(Instant, session.GetProperty("updatedAt").GetString()!);
        if (archived) Assert.Matches(Instant, session.GetProperty("archivedAt").GetString()!);
        if (expires) Assert.Matches(Instant, session.GetProperty("expiresAt").GetString()!);
        Assert.Equal(JsonValueKind.Object, session.GetProperty("metadata").ValueKind);
    }

    public static void IsMessage(JsonElement message)
    {
        HasExactly(message, ["id", "sessionId", "sequence", "role", "content", "timestamp", "metadata"]);
        Assert.Matches(Uuid, message.GetProperty("id").GetString()!);
        Assert.Matches(Uuid, message.GetProperty("sessionId").GetString()!);
        Assert.Matches(Instant, message.GetProperty("timestamp").GetString()!);
        Assert.Equal(JsonValueKind.Object, message.GetProperty("metadata").ValueKind);
    }

    private static void HasExactly(JsonElement item, IEnumerable<string> members) =>
        Assert.Equal(members.Order(), item.EnumerateObject().Select(member => member.Name).Order());
}
