using Npgsql;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.UnitTests.Persistence;

public class LibpqEnvironmentTests
{
    [Theory]
    [InlineData(null, null, "verify-full")]
    [InlineData(SslMode.VerifyFull, "/etc/orion/ca.pem", "verify-full")]
    [InlineData(SslMode.Require, "/etc/orion/ca.pem", "verify-ca")]
    [InlineData(SslMode.Require, null, "require")]
    [InlineData(SslMode.Disable, null, "disable")]
    public void The_programs_protect_the_connection_as_the_service_does(SslMode? configured, string? certificate, string mode)
    {
        var variables = Of(new PostgresTarget { Hosts = [new("db.example.com", 5432)], Name = "orion_core", User = "orion", SslMode = configured, RootCertificate = certificate });

        Assert.Equal(mode, variables["PGSSLMODE"]);
        // Without one, those of the system, which libpq would not use.
        if (certificate is null) Assert.Equal(mode == "verify-full", variables.ContainsKey("PGSSLROOTCERT"));
        else Assert.Equal(certificate, variables["PGSSLROOTCERT"]);
    }

    [Fact]
    public void Each_part_of_the_address_is_given_as_it_is()
    {
        var variables = Of("postgresql://the%20owner:p%40ss%20w%C3%B6rd@[::1]:6543/orion%3Dcore");

        Assert.Equal(
            ("::1", "6543", "orion=core", "the owner", "p@ss wörd"),
            (variables["PGHOST"], variables["PGPORT"], variables["PGDATABASE"], variables["PGUSER"], variables["PGPASSWORD"]));
        // These would take precedence over the host.
        Assert.Null(variables["PGSERVICE"]);
        Assert.Null(variables["PGHOSTADDR"]);
    }

    [Fact]
    public void Without_a_password_that_of_the_environment_or_of_pgpass_is_not_overridden() =>
        Assert.DoesNotContain("PGPASSWORD", Of("postgresql://orion@localhost/orion_core").Keys);

    [Theory]
    [InlineData("pg_dump: warning: old\npg_dump: error: connection failed\npg_dump: detail: more", "pg_dump: error: connection failed")]
    [InlineData("pg_restore: error: COPY failed for table \"messages\": ERROR:  invalid input: \"a row's text\"\nCONTEXT:  more of it",
        "pg_restore: error: COPY failed for table \"messages\": ERROR:  invalid input")]
    [InlineData("sh: no such file", "sh: no such file")]
    [InlineData("", "")]
    public void The_first_error_of_a_program_is_repeated_without_quoted_text(string configured, string reason) =>
        Assert.Equal(reason, PostgresTools.ReasonIn(configured));

    private static Dictionary<string, string?> Of(string url) => Of(DatabaseUrl.Read(url, "/").Target!);

    private static Dictionary<string, string?> Of(PostgresTarget target) =>
        LibpqEnvironment.Of(new NpgsqlConnectionStringBuilder(target.ToConnectionString(poolSize: 1, prepared: false)));
}
