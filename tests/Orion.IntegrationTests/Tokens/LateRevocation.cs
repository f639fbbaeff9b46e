using System.Data.Common;
using System.Net.Sockets;
using System.Text;

namespace Orion.IntegrationTests.Tokens;

/// <summary>A token that is revoked after its request was authenticated: the request has no lasting effect.</summary>
public abstract class LateRevocation(OrionFixture orion) : OrionTests(orion)
{
    private static readonly (string, string) Key = ("Idempotency-Key", "late");

    [Fact]
    public async Task No_write_route_of_another_instance_accepts_a_token_that_was_just_revoked()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        var guests = await Guests(other, Writes());

        await Task.WhenAll(guests.Select(async guest => (await Server.With(guest.Token).Post("/api/tokens/revoke", null)).Should(204)));

        foreach (var guest in guests)
        {
            ShouldBeRevoked(await ChangesNothing(() => other.With(guest.Token).Ask(guest.Route, guest.Session, guest.Message)));
            // That instance does not keep its cached value either.
            ShouldBeRevoked(await other.With(guest.Token).Get("/api/me"));
        }

        Assert.Contains(other.Log.All, line => line.Event.Id == 1001 && line.Text.Contains("Revoked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_write_route_accepts_a_token_of_a_user_who_was_just_revoked()
    {
        // A server of its own, so that its log has the first of these rejections.
        await using var server = await OrionServer.Start(Orion.Database);
        var guests = await Guests(server, Writes());

        await Orion.Database.Execute("UPDATE authorized_users SET revoked_at = @p0 WHERE email LIKE 'late-%'", Orion.Database.Instant(Server.Clock.GetUtcNow()));

        foreach (var guest in guests)
        {
            (await ChangesNothing(() => server.With(guest.Token).Ask(guest.Route, guest.Session, guest.Message))).ShouldBeProblem(403, "not_authorized");
            (await server.With(guest.Token).Get("/api/me")).ShouldBeProblem(403, "not_authorized");
        }

        Assert.Contains(server.Log.All, line => line.Event.Id == 1002 && line.Text.Contains(guests[0].Email, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("revoke")]
    [InlineData("archive")]
    [InlineData("restore")]
    [InlineData("delete")]
    public async Task No_write_route_of_another_instance_accepts_a_session_token_whose_session_was_just_closed(string how)
    {
        await using var other = await OrionServer.Start(Orion.Database);
        var guests = await Guests(other, Writes().Where(route => route.Path is "/api/sessions/{sessionId}/messages" or "/api/sessions/save-message"));
        Assert.Equal(2, guests.Count);
        foreach (var guest in guests)
        {
            var page = other.With(await other.With(guest.Token).Mint(guest.Session));
            (await page.Get($"/api/sessions/{guest.Session}")).Should(200);

            var user = Server.With(guest.Token);
            var path = $"/api/sessions/{guest.Session}";
            if (how == "revoke") (await user.Post("/api/tokens/revoke", null)).Should(204);
            if (how is "archive" or "restore") (await user.Patch(path, new { archived = true })).Should(200);
            if (how == "restore") (await user.Patch(path, new { archived = false })).Should(200);
            if (how == "delete") (await user.Delete(path)).Should(204);

            ShouldBeRevoked(await ChangesNothing(() => page.Ask(guest.Route, guest.Session, guest.Message)));
            ShouldBeRevoked(await page.Get(path));
        }
    }

    [Fact]
    public async Task A_revoked_token_gets_no_stored_response_and_stores_no_key()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        foreach (var guest in await Guests(other, Writes().Where(route => route.Path is "/api/sessions" or "/api/sessions/{sessionId}/messages")))
        {
            var user = other.With(guest.Token);
            (await user.Ask(guest.Route, guest.Session, guest.Message, Key)).Should(201);
            (await user.Ask(guest.Route, guest.Session, guest.Message, Key)).Should(201);
            (await Server.With(guest.Token).Post("/api/tokens/revoke", null)).Should(204);

            ShouldBeRevoked(await ChangesNothing(() => user.Ask(guest.Route, guest.Session, guest.Message, Key)));

            // The stored response remains available to a valid token of the user.
            var replay = (await other.As(guest.Email).Ask(guest.Route, guest.Session, guest.Message, Key)).Should(201);
            Assert.Equal("true", replay.Header("Idempotency-Replayed"));
        }

        foreach (var guest in await Guests(other, Writes().Where(route => route.Path is "/api/sessions" or "/api/sessions/{sessionId}/messages")))
        {
            (await Server.With(guest.Token).Post("/api/tokens/revoke", null)).Should(204);
            ShouldBeRevoked(await ChangesNothing(() => other.With(guest.Token).Ask(guest.Route, guest.Session, guest.Message, Key)));
            Assert.Null((await other.As(guest.Email).Ask(guest.Route, guest.Session, guest.Message, Key)).Should(201).Header("Idempotency-Replayed"));
        }
    }

    [Fact]
    public async Task A_revocation_applies_to_requests_whose_body_is_still_being_sent()
    {
        var guests = await Guests(Server, Writes().Where(route => route.BodyFor("") is not null));
        Assert.True(guests.Count >= 6);
        var requests = new List<(Guest Guest, Socket Socket, byte[] Missing)>();
        foreach (var guest in guests)
        {
            var body = Encoding.UTF8.GetBytes(new string(' ', 40) + guest.Route.BodyFor(guest.Session));
            var path = guest.Route.Path.Replace("{sessionId}", guest.Session, StringComparison.Ordinal);
            var head = $"{guest.Route.Method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {guest.Token}\r\n"
                + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
            var socket = await RawHttp.Connect(Server.Port);
            await socket.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body[..20]]);
            requests.Add((guest, socket, body[20..]));
        }

        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        await Task.WhenAll(guests.Select(async guest => (await Server.With(guest.Token).Post("/api/tokens/revoke", null)).Should(204)));

        foreach (var (guest, socket, missing) in requests)
        {
            using var connection = socket;
            var response = await ChangesNothing(async () =>
            {
                await connection.SendAsync(missing);
                var path = guest.Route.Path.Replace("{sessionId}", guest.Session, StringComparison.Ordinal);
                return await RawHttp.Read(connection, $"{guest.Route.Method} {path} HTTP/1.1", TestContext.Current.CancellationToken);
            });
            ShouldBeRevoked(response);
        }
    }

    [Fact]
    public async Task A_writer_that_waits_for_a_lock_while_its_token_is_revoked_writes_nothing()
    {
        string[] repeatable = ["/api/sessions/{sessionId}/messages", "/api/sessions/{sessionId}/forks", "/api/sessions/save-message"];
        string[] waiting = [.. repeatable, "/api/sessions/{sessionId}", "/api/sessions/delete"];
        var plain = await Guests(Server, Writes().Where(route => waiting.Contains(route.Path)));
        var withKey = await Guests(Server, Writes().Where(route => repeatable.Contains(route.Path)));
        foreach (var guest in plain.Concat(withKey))
        {
            var response = await ChangesNothing(async () =>
            {
                await using var holder = await Orion.Database.Hold(guest.Session);
                var writing = Server.With(guest.Token).Ask(guest.Route, guest.Session, guest.Message, withKey.Contains(guest) ? [Key] : []);
                await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
                Assert.False(writing.IsCompleted);
                await Revoke(holder, guest.Email);
                return await writing;
            });

            ShouldBeRevoked(response);
        }
    }

    /// <summary>Commits a revocation while the session is still locked, then releases the session.</summary>
    private protected abstract Task Revoke(DbConnection holder, string email);

    private protected static async Task Run(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static void ShouldBeRevoked(ApiResponse response)
    {
        response.ShouldBeProblem(401, "invalid_token");
        Assert.Equal("Bearer error=\"invalid_token\"", response.Required("WWW-Authenticate"));
    }

    private IEnumerable<Route> Writes() =>
        Route.Of(Server).Where(route => !route.IsAnonymous && route.Method is not ("GET" or "HEAD" or "*") && route.Path.StartsWith("/api/", StringComparison.Ordinal));

    // A user for each route, whom the server has just authenticated.
    private async Task<IReadOnlyList<Guest>> Guests(OrionServer server, IEnumerable<Route> routes)
    {
        var guests = new List<Guest>();
        foreach (var route in routes)
        {
            var email = $"late-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";
            await Orion.Authorize(email);
            var token = TestToken.For(email, Server.Clock).ToString();
            var session = await server.With(token).Create(new { firstMessage = "Before" });
            var message = (await server.With(token).Get($"/api/sessions/{session}/messages")).Texts("messages", "id")[0];
            guests.Add(new Guest(route, email, token, session, message));
        }

        Assert.NotEmpty(guests);
        return guests;
    }

    private sealed record Guest(Route Route, string Email, string Token, string Session, string Message);
}

[Collection(OnPostgres.Name)]
public sealed class LateRevocationOnPostgres(PostgresOrion orion) : LateRevocation(orion)
{
    private protected override async Task Revoke(DbConnection holder, string email)
    {
        await Orion.Database.Execute("UPDATE authorized_users SET tokens_valid_from = now() WHERE email = @p0", email);
        await holder.DisposeAsync();
    }
}

[Collection(OnSqlite.Name)]
public sealed class LateRevocationOnSqlite(SqliteOrion orion) : LateRevocation(orion)
{
    // There is only one writer, so the connection that locks the session must also revoke.
    private protected override async Task Revoke(DbConnection holder, string email)
    {
        await Run(holder, $"UPDATE authorized_users SET tokens_valid_from = {Orion.Database.Instant(Server.Clock.GetUtcNow())} WHERE email = '{email}'");
        await Run(holder, "COMMIT");
    }
}
