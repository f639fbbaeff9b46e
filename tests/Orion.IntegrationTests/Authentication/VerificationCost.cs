
namespace Orion.IntegrationTests.Authentication;

/// <summary>A token that was verified recently causes no query.</summary>
public abstract class VerificationCost(OrionFixture orion) : OrionTests(orion)
{
    [Fact]
    public async Task Fifty_reads_with_a_session_token_only_query_what_they_read()
    {
        var commands = new Commands();
        await using var server = await OrionServer.Start(Orion.Database, commands.AddTo);
        var id = await Api.Create();
        var page = server.With(await Api.Mint(id));

        // The first requests are concurrent and share one query.
        commands.Clear();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => page.Get($"/api/sessions/{id}")));
        Assert.Equal(1, commands.Texts.Count(text => text.Contains("authorized_users", StringComparison.Ordinal)));
        Assert.Equal(52, commands.Texts.Count);

        commands.Clear();
        var start = TimeProvider.System.GetTimestamp();
        foreach (var response in await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => page.Get($"/api/sessions/{id}")))) response.Should(200);
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(3), "The machine is too slow for this test.");

        Assert.Equal(50, commands.Texts.Count);
        Assert.All(commands.Texts, text => Assert.Matches("FROM \"?sessions\"? AS", text));
    }
}

[Collection(OnPostgres.Name)]
[OneInstance("These tests start their own servers.")]
public sealed class VerificationCostOnPostgres(PostgresOrion orion) : VerificationCost(orion);

[Collection(OnSqlite.Name)]
public sealed class VerificationCostOnSqlite(SqliteOrion orion) : VerificationCost(orion);
