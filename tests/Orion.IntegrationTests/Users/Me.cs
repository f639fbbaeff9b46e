
namespace Orion.IntegrationTests.Users;

public abstract class Me(OrionFixture orion) : OrionTests(orion)
{
    [Theory]
    [InlineData(OrionServer.Owner)]
    [InlineData(OrionFixture.Friend)]
    public async Task A_caller_sees_who_they_are_and_since_when_they_are_authorized(string email)
    {
        var response = (await Server.As(email).Get("/api/me")).Should(200);

        Assert.Equal(["userId", "authorizedAt"], response.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(email, response.Text("userId"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", response.Text("authorizedAt"));
    }

    [Fact]
    public async Task The_case_of_an_address_does_not_matter()
    {
        Assert.Equal(OrionServer.Owner, (await Server.As("Owner@EXAMPLE.com").Get("/api/me")).Should(200).Text("userId"));
    }

    [Fact]
    public async Task A_user_who_is_added_to_the_allow_list_is_accepted()
    {
        var email = $"new-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";

        await Orion.Authorize(email);

        Assert.Equal(email, (await Server.As(email).Get("/api/me")).Should(200).Text("userId"));
    }
}

[Collection(OnPostgres.Name)]
public sealed class MeOnPostgres(PostgresOrion orion) : Me(orion);

[Collection(OnSqlite.Name)]
public sealed class MeOnSqlite(SqliteOrion orion) : Me(orion);
