using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Orion.IntegrationTests.Persistence;

/// <summary>
/// A database that one role migrates and another uses. The second role begins with only CONNECT and USAGE, and the first one grants
/// it the required rights. Their names must be quoted.
/// </summary>
public sealed class ServiceRole : IAsyncLifetime
{
    private const string OwnerRole = "Orion \"owner\" {0}";
    private const string Role = "Orion \"service\" {0}";
    private const string NotAllowed = "42501";
    private readonly string _password = RandomNumberGenerator.GetHexString(16);
    private IStoppablePostgres? _postgres;
    private PostgresDatabase? _database;

    private PostgresDatabase Database => _database!;

    private (string Name, string Value) AsService => ("DATABASE_URL", PostgresDatabase.Url(As(Role)));

    private (string Name, string Value) AsOwner => ("MIGRATION_DATABASE_URL", PostgresDatabase.Url(As(OwnerRole)));

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServers.StartStoppable();
        _database = await PostgresDatabase.Create(_postgres.Superuser);
        var (owner, service, name) = (Quoted(OwnerRole), Quoted(Role), Database.Connection.Database);
        await Database.Execute($"""
            CREATE ROLE {owner} LOGIN PASSWORD '{_password}';
            CREATE ROLE {service} LOGIN PASSWORD '{_password}';
            REVOKE ALL ON DATABASE {name} FROM PUBLIC;
            GRANT CONNECT ON DATABASE {name} TO {owner}, {service};
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            GRANT USAGE, CREATE ON SCHEMA public TO {owner};
            GRANT USAGE ON SCHEMA public TO {service};
            """);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
    }

    [Fact]
    public async Task Without_pending_migrations_Orion_starts_even_if_the_migration_role_cannot_log_in()
    {
        await using (await OrionServer.Start(Database, AsService, AsOwner)) { }
        await Database.Execute($"ALTER ROLE {Quoted(OwnerRole)} PASSWORD 'another'");

        await using var server = await OrionServer.Start(Database, AsService, AsOwner);

        await ShouldWork(server);
        Assert.Single(server.Log.All, line => line.Text.Contains("MIGRATION_DATABASE_URL cannot be used", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Migrating_grants_the_services_role_exactly_the_rights_that_it_needs()
    {
        await using (var server = await OrionServer.Start(Database, AsService, AsOwner)) await ShouldWork(server);

        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(As(Role).ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        foreach (var sql in (string[])
        [
            "CREATE TABLE mine (n integer)", "CREATE SCHEMA mine", "CREATE TEMPORARY TABLE mine (n integer)", "CREATE INDEX mine ON sessions (title)",
            "ALTER TABLE sessions ADD COLUMN mine integer", "DROP TABLE messages", "TRUNCATE messages", "DELETE FROM \"__EFMigrationsHistory\"",
            "ALTER TABLE sessions DISABLE TRIGGER ALL", "GRANT SELECT ON sessions TO PUBLIC WITH GRANT OPTION", "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        ])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            var rejected = await Record.ExceptionAsync(() => command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
            // If a role may not grant a right, PostgreSQL warns and grants nothing.
            if (!sql.StartsWith("GRANT", StringComparison.Ordinal)) Assert.True(rejected is PostgresException { SqlState: NotAllowed }, $"{sql}: {rejected}");
        }

        var rights = await Database.Query(
            "SELECT table_name, string_agg(privilege_type, ',' ORDER BY privilege_type) FROM information_schema.role_table_grants WHERE grantee = @p0 GROUP BY 1 ORDER BY 1",
            Role);
        Assert.Equal("__EFMigrationsHistory|SELECT|", rights[0]);
        Assert.All(rights.Skip(1), right => Assert.EndsWith("|DELETE,INSERT,SELECT,UPDATE|", right, StringComparison.Ordinal));
        Assert.Equal(await Database.Query("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), [$"{rights.Count}|"]);
        Assert.Empty(await Database.Query("SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tableowner <> @p0", OwnerRole));
    }

    [Fact]
    public async Task Without_pending_migrations_the_services_role_is_enough()
    {
        await using (await OrionServer.Start(Database, AsService, AsOwner))
        {
        }

        foreach (var migrates in (string[])["true", "false"])
        {
            await using var server = await OrionServer.Start(Database, AsService, ("MIGRATE_ON_START", migrates));
            await ShouldWork(server);
        }
    }

    [Fact]
    public async Task Five_instances_that_start_at_once_on_an_empty_database_all_get_ready()
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => OrionServer.Launch(Database, null, AsService, AsOwner))));
        try
        {
            foreach (var server in servers) await server.BecomesReady();
            foreach (var server in servers) await ShouldWork(server);
        }
        finally
        {
            foreach (var server in servers) await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task It_waits_for_its_rights_as_it_waits_for_the_tables()
    {
        // Migrated, but without the grants: the migrating process may not have issued them yet.
        await using (await OrionServer.Start(Database, ("DATABASE_URL", PostgresDatabase.Url(As(OwnerRole)))))
        {
        }

        await using var waiting = await OrionServer.Launch(Database, null, AsService, ("MIGRATE_ON_START", "false"));
        await Task.Delay(TimeSpan.FromSeconds(2.5), TestContext.Current.CancellationToken);
        (await waiting.Anonymous.Get("/health/live")).Should(200);
        (await waiting.Anonymous.Get("/health/ready")).Should(503);
        Assert.DoesNotContain(waiting.Log.All, line => line.Level >= LogLevel.Error);
        (await waiting.Api.Get("/api/sessions")).ShouldBeProblem(503, "unavailable");

        await using var granting = await OrionServer.Start(Database, AsService, AsOwner);
        await waiting.BecomesReady(withinSeconds: 10);
        await ShouldWork(waiting);
    }

    [Fact]
    public async Task A_failed_migration_ends_the_process_with_an_error()
    {
        await ShouldEndForItsRights();

        Assert.Empty(await Database.Query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Fact]
    public async Task A_role_that_may_only_read_ends_the_process_with_an_error()
    {
        await using (await OrionServer.Start(Database, ("DATABASE_URL", PostgresDatabase.Url(As(OwnerRole)))))
        {
        }

        await Database.Execute($"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {Quoted(Role)}");

        await ShouldEndForItsRights();
    }

    private async Task ShouldEndForItsRights()
    {
        var folder = Directory.CreateTempSubdirectory("orion-migration-").FullName;
        try
        {
            var environment = OrionProcess.Environment(Database, port: 0);
            environment[AsService.Name] = AsService.Value;

            var ended = await OrionProcess.RunToItsEnd(folder, environment);

            Assert.NotEqual(0, ended.ExitCode);
            Assert.Contains("could not be migrated", ended.Output, StringComparison.Ordinal);
            Assert.Contains("permission denied", ended.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(_password, ended.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task ShouldWork(OrionServer server)
    {
        var id = await server.Api.Create(new { firstMessage = "First" });
        await server.Api.Append(id, "Second");
        (await server.Api.Patch($"/api/sessions/{id}", new { title = "Renamed" })).Should(200);
        Assert.Equal(2, (await server.Api.Get($"/api/sessions/{id}/messages")).Should(200).Items("messages").Count);
        Assert.Equal(["Renamed"], (await server.Api.Get($"/api/search?q=renamed&sessionId={id}")).Should(200).Texts("results", "snippet"));
        Assert.Contains("Second", (await server.Api.Get("/api/search?q=sec")).Should(200).Texts("results", "snippet"));
        (await server.Api.Get("/api/sessions")).Should(200);
        (await server.Api.Get("/api/me")).Should(200);
        (await server.Api.Delete($"/api/sessions/{id}")).Should(204);
    }

    private static string Quoted(string role) => $"\"{role.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private NpgsqlConnectionStringBuilder As(string role) => new(Database.Connection.ConnectionString) { Username = role, Password = _password };
}
