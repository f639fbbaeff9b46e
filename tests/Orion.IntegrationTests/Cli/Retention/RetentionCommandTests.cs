namespace Orion.IntegrationTests.Cli.Retention;

/// <summary><c>orion retention</c> and its line in <c>orion doctor</c>, next to a running service.</summary>
public abstract class RetentionCommandTests(OrionFixture orion) : CommandTests(orion)
{
    [Fact]
    public async Task A_dry_run_states_what_would_be_deleted_and_deletes_nothing()
    {
        await Prepare();
        var before = await Orion.Database.Snapshot();

        var ended = (await Run(Environment(Orion.Database, ("RETENTION_DAYS", "30")), "", "retention", "--dry-run")).Should(0);

        Assert.Equal(before, await Orion.Database.Snapshot());
        Assert.Contains("Would be deleted: 1 expired session, 2 sessions without a change for 30 days, 4 messages.", ended.Out, StringComparison.Ordinal);
        Assert.Equal(2, ended.Out.Split('\n').Count(line => line.Contains("@example.com", StringComparison.Ordinal)));
        var json = Json((await Run(Environment(Orion.Database, ("RETENTION_DAYS", "30")), "", "retention", "--dry-run", "--json")).Should(0));
        Assert.Equal((true, 30), (json.GetProperty("dryRun").GetBoolean(), json.GetProperty("retentionDays").GetInt32()));
        Assert.Equal(2, json.GetProperty("users").GetArrayLength());
    }

    [Fact]
    public async Task It_deletes_what_is_due_once_and_keeps_the_rest()
    {
        await Prepare();

        var ended = (await Run(Environment(Orion.Database, ("RETENTION_DAYS", "30")), "", "retention")).Should(0);

        Assert.Contains("Deleted: 1 expired session, 2 sessions without a change for 30 days, 4 messages.", ended.Out, StringComparison.Ordinal);
        Assert.Equal(["New|"], await Orion.Database.Query("SELECT title FROM sessions"));
        Assert.Equal(["New|"], await Orion.Database.Query("SELECT content FROM messages"));
        Assert.Contains("Deleted: 0 expired sessions, no others (RETENTION_DAYS is 0), 0 messages.", (await Command("retention")).Should(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_RETENTION_DAYS_only_expired_sessions_are_due()
    {
        await Prepare();

        Assert.Contains("1 expired session, no others (RETENTION_DAYS is 0), 1 message.", (await Command("retention", "--dry-run")).Should(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_states_the_rule_and_warns_of_sessions_that_nobody_deletes()
    {
        await Prepare();
        var doctor = await Run(Environment(Orion.Database, ("RETENTION_DAYS", "30")), "", "doctor");
        Assert.Matches(@"pass +retention +sessions without a change for 30 days are deleted; 2 are due", doctor.Out);

        await Orion.Database.Execute(
            "UPDATE sessions SET expires_at = @p0 WHERE expires_at IS NOT NULL", Orion.Database.Instant(Server.Clock.GetUtcNow() - TimeSpan.FromHours(3)));

        doctor = await Command("doctor");
        Assert.Matches(@"warn +retention +1 session expired more than 2 hours ago", doctor.Out);
        Assert.Contains("orion retention", doctor.Out, StringComparison.Ordinal);
    }

    // The owner has a session that has expired, an old one and a new one; the friend has an old, archived one.
    private async Task Prepare()
    {
        var expired = await Api.Create(new { firstMessage = "Expired" });
        var old = await Api.Create(new { firstMessage = "Old" });
        await Api.Append(old, "And more");
        await Api.Create(new { firstMessage = "New" });
        var archived = await Friend.Create(new { firstMessage = "Archived" });
        (await Friend.Patch($"/api/sessions/{archived}", new { archived = true })).Should(200);
        var now = Server.Clock.GetUtcNow();
        await Orion.Database.Execute(
            "UPDATE sessions SET expires_at = @p0 WHERE id = @p1", Orion.Database.Instant(now - TimeSpan.FromMinutes(1)), Orion.Database.Id(Guid.Parse(expired)));
        foreach (var id in (string[])[old, archived])
        {
            await Orion.Database.Execute(
                "UPDATE sessions SET updated_at = @p0, created_at = @p0 WHERE id = @p1",
                Orion.Database.Instant(now - TimeSpan.FromDays(31)), Orion.Database.Id(Guid.Parse(id)));
        }
    }
}

[Collection(CliOnPostgres.Name)]
public sealed class RetentionCommandTestsOnPostgres(PostgresOrion orion) : RetentionCommandTests(orion);

[Collection(CliOnSqlite.Name)]
public sealed class RetentionCommandTestsOnSqlite(SqliteOrion orion) : RetentionCommandTests(orion);
