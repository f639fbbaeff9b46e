namespace Orion.IntegrationTests.Errors;

public abstract class InvalidMembers(OrionFixture orion) : OrionTests(orion)
{
    [Theory]
    [InlineData("POST", "/api/sessions", """{"title":7,"firstMessage":"\u0000","metadata":[]}""", "firstMessage", "metadata", "title")]
    [InlineData("PATCH", "/api/sessions/ID", """{"title":" ","archived":"true","metadata":{"\ud83d":1}}""", "archived", "metadata", "title")]
    [InlineData("POST", "/api/sessions/ID/messages", """{"role":"system","content":7}""", "content", "role")]
    [InlineData("POST", "/api/sessions/ID/messages", """{"content":"","metadata":"{}"}""", "content", "metadata", "role")]
    [InlineData("POST", "/api/tokens", """{"expiresInSeconds":901}""", "expiresInSeconds", "sessionId")]
    [InlineData("POST", "/api/tokens", """{"sessionId":7,"expiresInSeconds":0}""", "expiresInSeconds", "sessionId")]
    [InlineData("POST", "/api/sessions/create", """{"userId":7,"firstMessage":"\ud800"}""", "firstMessage", "userId")]
    [InlineData("POST", "/api/sessions/create?userId=a&userId=b", """{"firstMessage":"\ud800"}""", "firstMessage", "userId")]
    [InlineData("POST", "/api/sessions/save-message", """{"sessionId":true,"role":7,"content":"","userId":{}}""", "content", "role", "sessionId", "userId")]
    [InlineData("POST", "/api/sessions/delete", """{"userId":7}""", "sessionId", "userId")]
    public async Task One_response_names_every_invalid_member_of_the_wrong_type_or_outside_of_its_limits(
        string method, string path, string body, params string[] names)
    {
        var id = await Api.Create();

        path = path.Replace("ID", id, StringComparison.Ordinal);
        var response = await ChangesNothing(() => method == "PATCH" ? Api.Patch(path, body) : Api.Post(path, body));

        response.ShouldBeProblem(400, "validation_failed", names);
    }

    [Theory]
    [InlineData("""{"zz":1,"metadata":{"\ud800":1}}""", "unknown_member")]
    [InlineData("""{"title":"a","title":"b","metadata":{"\ud800":1}}""", "malformed_json")]
    [InlineData("""{"\ud800":1,"title":7}""", "malformed_json")]
    public async Task A_name_with_an_unpaired_surrogate_hides_no_unknown_or_duplicate_member(string body, string error) =>
        (await ChangesNothing(() => Api.Post("/api/sessions", body))).ShouldBeProblem(400, error);
}

[Collection(OnPostgres.Name)]
public sealed class InvalidMembersOnPostgres(PostgresOrion orion) : InvalidMembers(orion);

[Collection(OnSqlite.Name)]
public sealed class InvalidMembersOnSqlite(SqliteOrion orion) : InvalidMembers(orion);
