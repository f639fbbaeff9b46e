using System.Globalization;
using System.Text.Json;
using Orion.IntegrationTests.Retention;

namespace Orion.IntegrationTests.Sessions;

/// <summary>Sessions with <c>expiresAt</c>. Their deletion is tested in <c>Retention</c>.</summary>
public abstract class TemporarySessions(OrionFixture orion) : OrionTests(orion)
{
    [Fact]
    public async Task A_temporary_session_shows_when_it_expires_until_that_is_taken_back()
    {
        var expiresAt = At(TimeSpan.FromDays(1));
        var created = (await Api.Post("/api/sessions", new { title = "Short-lived", expiresAt })).Should(201);
        ResponseShape.IsSession(created.Json, expires: true);
        Assert.Equal(expiresAt, created.Text("expiresAt"));
        var path = created.Required("Location");
        Assert.Equal(created.BodyText, (await Api.Get(path)).BodyText);
        Assert.Equal(expiresAt, (await Api.Get("/api/sessions")).Texts("sessions", "expiresAt").Single());

        // Neither an archive nor a message changes it.
        await Api.Append(created.Text("sessionId"), "Hello");
        var archived = (await Api.Patch(path, new { archived = true })).Should(200);
        ResponseShape.IsSession(archived.Json, archived: true, expires: true);
        Assert.Equal(expiresAt, archived.Text("expiresAt"));

        var later = (await Api.Patch(path, new { expiresAt = At(TimeSpan.FromDays(2)) })).Should(200);
        Assert.Equal("\"4\"", later.Header("ETag"));
        Assert.NotEqual(archived.Text("updatedAt"), later.Text("updatedAt"));

        var kept = (await Api.Patch(path, """{"expiresAt":null}""")).Should(200);
        ResponseShape.IsSession(kept.Json, archived: true);
        Assert.Equal("\"5\"", kept.Header("ETag"));
        Assert.Equal(kept.BodyText, (await ChangesNothing(() => Api.Patch(path, """{"expiresAt":null}"""))).Should(200).BodyText);
    }

    [Fact]
    public async Task The_same_expiresAt_in_another_spelling_is_no_change()
    {
        var id = await Api.Create(new { expiresAt = At(TimeSpan.FromDays(1)) });
        var session = await Api.Session(id);
        var instant = DateTimeOffset.Parse(session.GetProperty("expiresAt").GetString()!, CultureInfo.InvariantCulture);

        var same = instant.ToOffset(TimeSpan.FromHours(2)).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
        var response = (await ChangesNothing(() => Api.Patch($"/api/sessions/{id}", new { expiresAt = same }))).Should(200);

        Assert.Equal("\"1\"", response.Header("ETag"));
    }

    [Fact]
    public async Task An_expiresAt_that_is_null_is_absent_in_a_new_session()
    {
        var created = (await Api.Post("/api/sessions", """{"title":"Kept","expiresAt":null}""")).Should(201);

        ResponseShape.IsSession(created.Json);
    }

    [Theory]
    [InlineData("\"soon\"")]
    [InlineData("\"2026-01-31\"")]
    [InlineData("1798761600")]
    [InlineData("\"PAST\"")]
    [InlineData("\"NOW\"")]
    [InlineData("\"TOO LATE\"")]
    public async Task An_invalid_expiresAt_changes_nothing(string value)
    {
        var id = await Api.Create(new { expiresAt = At(TimeSpan.FromDays(400) - TimeSpan.FromMinutes(1)) });
        var body = $$"""{"title":"Other","expiresAt":{{value
            .Replace("PAST", At(TimeSpan.FromSeconds(-1)), StringComparison.Ordinal)
            .Replace("NOW", At(TimeSpan.Zero), StringComparison.Ordinal)
            .Replace("TOO LATE", At(TimeSpan.FromDays(400) + TimeSpan.FromMinutes(1)), StringComparison.Ordinal)}}}""";

        (await ChangesNothing(() => Api.Post("/api/sessions", body))).ShouldBeProblem(400, "validation_failed", "expiresAt");
        (await ChangesNothing(() => Api.Patch($"/api/sessions/{id}", body))).ShouldBeProblem(400, "validation_failed", "expiresAt");
        // An invalid request is reported before a missing session.
        (await Api.Patch($"/api/sessions/{Guid.Empty}", body)).ShouldBeProblem(400, "validation_failed", "expiresAt");
    }

    [Fact]
    public async Task A_repeated_request_gets_the_stored_response_also_after_the_session_has_expired()
    {
        await Api.Create();
        await Orion.Database.Execute("UPDATE sessions SET expires_at = @p0", Orion.Database.Instant(DateTimeOffset.UnixEpoch));
        await using var server = await OrionServer.Start(Orion.Database);
        // The next cleanup is half an hour after the first one.
        await Eventually.Until(() => server.Log.All.Any(line => line.Event.Id == DeletingDueSessions.LoggedDeletion), "The first cleanup does not run.");
        var body = JsonSerializer.Serialize(new { expiresAt = At(TimeSpan.FromMinutes(10)) });
        var first = (await server.Api.Post("/api/sessions", body, ("Idempotency-Key", "key"))).Should(201);

        server.Clock.Advance(TimeSpan.FromMinutes(11));
        var repeat = (await server.Api.Post("/api/sessions", body, ("Idempotency-Key", "key"))).Should(201);

        Assert.Equal(("true", first.BodyText), (repeat.Header("Idempotency-Replayed"), repeat.BodyText));
        // Until it is deleted, the session can be used, and kept.
        (await server.Api.Post(first.Required("Location") + "/messages", new { role = "user", content = "Hello" })).Should(201);
        (await server.Api.Patch(first.Required("Location"), """{"expiresAt":null}""")).Should(200);
    }

    [Fact]
    public async Task A_session_token_cannot_change_when_its_session_expires()
    {
        var id = await Api.Create(new { expiresAt = At(TimeSpan.FromDays(1)) });
        var page = Server.With(await Api.Mint(id));

        Assert.True((await page.Get($"/api/sessions/{id}")).Should(200).Json.TryGetProperty("expiresAt", out _));
        (await ChangesNothing(() => page.Patch($"/api/sessions/{id}", """{"expiresAt":null}"""))).ShouldBeProblem(403, "insufficient_scope");
    }

    private string At(TimeSpan fromNow) =>
        (Server.Clock.GetUtcNow() + fromNow).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}

[Collection(OnPostgres.Name)]
public sealed class TemporarySessionsOnPostgres(PostgresOrion orion) : TemporarySessions(orion);

[Collection(OnSqlite.Name)]
public sealed class TemporarySessionsOnSqlite(SqliteOrion orion) : TemporarySessions(orion);
