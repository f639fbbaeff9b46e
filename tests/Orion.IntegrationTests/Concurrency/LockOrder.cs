using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Orion.IntegrationTests.Concurrency;

/// <summary>Concurrent transactions on PostgreSQL: none fails because of another, or because a pooled connection was broken.</summary>
public sealed class LockOrder(PostgresServers servers)
{
    [Fact]
    public async Task A_revocation_and_a_start_with_another_owner_do_not_wait_for_each_other()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        var gate = new Gate("authorized_users WHERE email");
        await using var server = await OrionServer.Start(database, Interception.With(gate));

        gate.Close();
        var revoking = server.Api.Post("/api/tokens/revoke", null);
        await gate.Reached;
        var starting = OrionServer.Start(database, ("AUTHORIZED_USER_EMAIL", "next@example.com"));
        await Eventually.Until(async () => await RowLock.Waiting(database) == 1, "The start does not wait.");
        gate.Open();

        (await revoking).Should(204);
        await using var next = await starting;
        (await next.As("next@example.com").Get("/api/me")).Should(200);
        Assert.Equal(["0|"], await database.Query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));
    }

    [Fact]
    public async Task A_deletion_and_an_append_that_reuses_an_expired_key_both_succeed()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        var gate = new Gate("INSERT INTO idempotency_keys");
        await using var server = await OrionServer.Start(database, Interception.With(gate));
        var id = await server.Api.Create();
        var body = new { role = "user", content = "x" };
        (await server.Api.Post($"/api/sessions/{id}/messages", body, ("Idempotency-Key", "old"))).Should(201);
        await database.Execute("UPDATE idempotency_keys SET created_at = created_at - interval '25 hours'");

        gate.Close();
        var appending = server.Api.Post($"/api/sessions/{id}/messages", body, ("Idempotency-Key", "old"));
        await gate.Reached;
        var deleting = server.Api.Delete($"/api/sessions/{id}");
        await Eventually.Until(async () => await RowLock.Waiting(database) == 1, "The deletion does not wait.");
        gate.Open();

        (await deleting).Should(204);
        var appended = await appending;
        Assert.True(appended.Status is 201 or 404, appended.ToString());
        Assert.Equal(["0|0|0|"], await database.Query(
            "SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM messages), (SELECT count(*) FROM idempotency_keys)"));
    }

    [Fact]
    public async Task Reads_work_at_once_after_the_server_has_ended_all_pooled_connections()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var server = await OrionServer.Start(database);
        var id = await server.Api.Create();
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => server.Api.Get($"/api/sessions/{id}")));
            Assert.NotEmpty(await database.Query("""
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'orion' AND pid <> pg_backend_pid()
                """));

            (await server.Api.Get(round == 1 ? "/api/sessions" : $"/api/sessions/{id}")).Should(200);
            (await server.As(OrionServer.Owner).Get("/api/me")).Should(200);
        }
    }

    // While closed, blocks after the first command that contains a text.
    private sealed class Gate(string text) : DbCommandInterceptor
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _isClosed;

        public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(20));

        public void Close() => _isClosed = true;

        public void Open() => _open.SetResult();

        public override async ValueTask<DbDataReader> ReaderExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            await Pass(command);
            return result;
        }

        public override async ValueTask<int> NonQueryExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            await Pass(command);
            return result;
        }

        private async Task Pass(DbCommand command)
        {
            if (!_isClosed || !command.CommandText.Contains(text, StringComparison.Ordinal)) return;
            _isClosed = false;
            _reached.SetResult();
            await _open.Task;
        }
    }
}
