using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using Orion.Infrastructure.Configuration;

namespace Orion.UnitTests.Configuration;

public class DatabaseSettingsTests
{
    private const string Url = "DATABASE_URL";

    [Fact]
    public void A_url_becomes_a_connection_string_with_orions_limits()
    {
        using var place = TestConfiguration.Working().With(Url, "postgresql://orion:p%40%24%24w0rd%2F%23%25@db.example.com:6432/na%20me");

        var settings = place.Settings().Database;
        var connection = new NpgsqlConnectionStringBuilder(settings.ConnectionString);

        Assert.Equal(DatabaseProvider.PostgreSql, settings.Provider);
        Assert.Equal(("db.example.com", 6432, "na me"), (connection.Host, connection.Port, connection.Database));
        Assert.Equal(("orion", "p@$$w0rd/#%"), (connection.Username, connection.Password));
        Assert.Equal(SslMode.VerifyFull, connection.SslMode);
        Assert.Equal((20, true), (connection.MaxPoolSize, connection.NoResetOnClose));
        Assert.Equal((100, 2), (connection.MaxAutoPrepare, connection.AutoPrepareMinUsages));
        Assert.Equal((15, 30, 1000), (connection.Timeout, connection.CommandTimeout, connection.CancellationTimeout));
        Assert.Equal(0, connection.KeepAlive);
        Assert.Equal(("orion", false, false), (connection.ApplicationName, connection.IncludeErrorDetail, connection.PersistSecurityInfo));
        Assert.Equal("postgresql://db.example.com:6432/na%20me", settings.Address);
        Assert.Null(settings.MigrationConnectionString);
    }

    [Fact]
    public void Behind_a_pooler_no_connection_has_state()
    {
        using var place = TestConfiguration.Working().With("DB_PREPARED_STATEMENTS", "false").With("DB_POOL_SIZE", "5");

        var connection = new NpgsqlConnectionStringBuilder(place.Settings().Database.ConnectionString);

        Assert.Equal((5, 0, true), (connection.MaxPoolSize, connection.MaxAutoPrepare, connection.NoResetOnClose));
    }

    [Theory]
    [InlineData("postgres://u@localhost/d", SslMode.Disable)]
    [InlineData("POSTGRESQL://u@app.localhost/d", SslMode.Disable)]
    [InlineData("postgresql://u@127.1.2.3/d", SslMode.Disable)]
    [InlineData("postgresql://u@[::1]:5433/d", SslMode.Disable)]
    [InlineData("postgresql://u@%2Fvar%2Frun%2Fpostgresql/d", SslMode.Disable)]
    [InlineData("postgresql://u@/d?host=/var/run/postgresql", SslMode.Disable)]
    [InlineData("postgresql://u@db/d", SslMode.VerifyFull)]
    [InlineData("postgresql://u@10.0.0.1/d", SslMode.VerifyFull)]
    [InlineData("postgresql://u@[2001:db8::1]/d", SslMode.VerifyFull)]
    [InlineData("postgresql://u@localhost.example.com/d", SslMode.VerifyFull)]
    [InlineData("postgresql://u@localhost/d?sslmode=require", SslMode.Require)]
    [InlineData("postgresql://u@db/d?sslmode=require", SslMode.Require)]
    [InlineData("postgresql://u@db/d?sslmode=verify-ca", SslMode.VerifyCA)]
    [InlineData("postgresql://u@db/d?sslmode=verify-full&application_name=mine&connect_timeout=5&channel_binding=require", SslMode.VerifyFull)]
    [InlineData("postgresql://u@db/d?sslrootcert=system", SslMode.VerifyFull)]
    [InlineData("postgresql://u@localhost/d?sslmode=disable", SslMode.Disable)]
    public void Without_an_sslmode_TLS_depends_on_the_host(string url, SslMode expected)
    {
        using var place = TestConfiguration.Working().With(Url, url);

        var reading = place.Read();

        Assert.Empty(reading.Problems);
        Assert.Empty(reading.Warnings);
        Assert.Equal(expected, new NpgsqlConnectionStringBuilder(reading.Settings!.Database.ConnectionString).SslMode);
    }

    [Theory]
    [InlineData("prefer")]
    [InlineData("allow")]
    public void An_sslmode_that_can_be_downgraded_prevents_the_start_only_in_production(string mode)
    {
        using var url = TestConfiguration.Working().With(Url, $"postgresql://u@localhost/d?sslmode={mode}");
        Assert.Equal(Url, url.Problem().Variable);
        url.Settings("Development");

        using var parts = TestConfiguration.Working().With(Url, null).With("DB_HOST", "db.example.com").With("DB_USER", "u").With("DB_SSL", mode);
        Assert.Equal("DB_SSL", parts.Problem().Variable);
        parts.Settings("Development");
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public void Plain_text_to_another_host_warns_at_each_start(string environmentName)
    {
        using var place = TestConfiguration.Working().With(Url, "postgresql://u:hunter2@db.example.com/d?sslmode=disable");

        Assert.Contains("plain text", Assert.Single(place.Read(environmentName).Warnings), StringComparison.Ordinal);
        Assert.NotNull(place.Read(environmentName).Settings);
    }

    [Theory]
    [InlineData("mysql://u@h/d")]
    [InlineData("postgresql:u@h/d")]
    [InlineData("Host=h;Username=u")]
    [InlineData("postgresql://h/d")]
    [InlineData("postgresql://u@h")]
    [InlineData("postgresql://u@h/")]
    [InlineData("postgresql://u@h/a/b")]
    [InlineData("postgresql://u@/d")]
    [InlineData("postgresql://:p@h/d")]
    [InlineData("postgresql://u@h:0/d")]
    [InlineData("postgresql://u@h:65536/d")]
    [InlineData("postgresql://u@h:x/d")]
    [InlineData("postgresql://u@h,/d")]
    [InlineData("postgresql://u@h:1,i:x/d")]
    [InlineData("postgresql://u@h,%2Ftmp/d")]
    [InlineData("postgresql://u@h,i;Timeout=0/d")]
    [InlineData("postgresql://u@,/d?host=h")]
    [InlineData("postgresql://u@h/d?host=i,j")]
    [InlineData("postgresql://u@h,i/d?target_session_attrs=standby")]
    [InlineData("postgresql://u@::1/d")]
    [InlineData("postgresql://u@[::1/d")]
    [InlineData("postgresql://u@[::1]x/d")]
    [InlineData("postgresql://u@h;Trust Server Certificate=true/d")]
    [InlineData("postgresql://u:p%@h/d")]
    [InlineData("postgresql://u:p%4@h/d")]
    [InlineData("postgresql://u:p%zz@h/d")]
    [InlineData("postgresql://u:p%00@h/d")]
    [InlineData("postgresql://u:p%ff@h/d")]
    [InlineData("postgresql://u:p#w@h/d")]
    [InlineData("postgresql://u:p w@h/d")]
    [InlineData("postgresql://u:p/w@h/d")]
    [InlineData("postgresql://u:p?w@h/d")]
    [InlineData("postgresql://u@h/d?sslmode")]
    [InlineData("postgresql://u@h/d?sslmode=verify")]
    [InlineData("postgresql://u@h/d?sslmode=require&sslmode=disable")]
    [InlineData("postgresql://u@h/d?sslrootcert=/nowhere/ca.pem")]
    [InlineData("postgresql://u@h/d?sslrootcert=system&sslmode=require")]
    [InlineData("postgresql://u@h/d?options=-csearch_path%3Dx")]
    [InlineData("postgresql://u@h/d?ssl=true")]
    [InlineData("postgresql://u@h/d?connect_timeout=0")]
    [InlineData("postgresql://u@h/d?channel_binding=maybe")]
    [InlineData("postgresql://u@h/d?channel_binding=2")]
    [InlineData("postgresql://u@h/d?host=i")]
    [InlineData("sqlite:")]
    [InlineData("sqlite::memory:")]
    [InlineData("sqlite:file:x?mode=memory")]
    [InlineData("sqlite:/nowhere/at/all/orion.db")]
    [InlineData("sqlite:/tmp")]
    [InlineData("sqlite:../orion.db")]
    [InlineData("sqlite:a/../../orion.db")]
    [InlineData("sqlite://orion.db")]
    [InlineData("sqlite:data/")]
    public void Any_other_url_prevents_the_start(string url)
    {
        using var place = TestConfiguration.Working().With(Url, url).With("ORION_DATA_DIR", "data");

        Assert.Equal(Url, place.Problem().Variable);
        Assert.Empty(Directory.GetFileSystemEntries(place.Folder));
    }

    [Theory]
    [InlineData("postgresql://u@one.example.com:5433,two.example.com/d", "one.example.com:5433,two.example.com:5432", SslMode.VerifyFull)]
    [InlineData("postgresql://u@[2001:db8::1],[2001:db8::2]:5433/d", "[2001:db8::1]:5432,[2001:db8::2]:5433", SslMode.VerifyFull)]
    [InlineData("postgresql://u@127.0.0.1:1,localhost:2/d?target_session_attrs=primary", "127.0.0.1:1,localhost:2", SslMode.Disable)]
    [InlineData("postgresql://u@127.0.0.1,db.example.com/d?target_session_attrs=read-write", "127.0.0.1:5432,db.example.com:5432", SslMode.VerifyFull)]
    public void Several_hosts_are_one_cluster(string url, string hosts, SslMode mode)
    {
        using var place = TestConfiguration.Working().With(Url, url);

        var settings = place.Settings().Database;
        var connection = new NpgsqlConnectionStringBuilder(settings.ConnectionString);

        Assert.Equal((hosts, 1, mode), (connection.Host, connection.HostRecheckSeconds, connection.SslMode));
        Assert.Equal($"postgresql://{hosts}/d", settings.Address);
        Assert.Equal(hosts, string.Join(',', PostgresTarget.HostsOf(connection)));
    }

    [Fact]
    public void An_unencoded_at_sign_in_a_password_belongs_to_it()
    {
        using var place = TestConfiguration.Working().With(Url, "postgresql://u:p@ss:+w@h/d");

        var connection = new NpgsqlConnectionStringBuilder(place.Settings().Database.ConnectionString);

        Assert.Equal(("p@ss:+w", "h"), (connection.Password, connection.Host));
    }

    [Fact]
    public void A_password_cannot_inject_settings_into_the_connection_string()
    {
        using var place = TestConfiguration.Working().With(Url, "postgresql://u:x;SSL%20Mode=Disable;Host='evil'\"@h/d");

        var connection = new NpgsqlConnectionStringBuilder(place.Settings().Database.ConnectionString);

        Assert.Equal("x;SSL Mode=Disable;Host='evil'\"", connection.Password);
        Assert.Equal(("h", SslMode.VerifyFull), (connection.Host, connection.SslMode));
    }

    [Fact]
    public void Root_certificates_are_checked_against_as_libpq_does()
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        using var place = TestConfiguration.Working().With(Url, "postgresql://u@h/d?sslmode=require&sslrootcert=ca.pem");
        var path = Path.Combine(place.Folder, "ca.pem");
        File.WriteAllText(path, "no certificate");
        Assert.Contains("certificate", place.Problem().What, StringComparison.Ordinal);

        File.WriteAllText(path, certificate.ExportCertificatePem());
        var connection = new NpgsqlConnectionStringBuilder(place.Settings().Database.ConnectionString);

        Assert.Equal((SslMode.VerifyCA, path), (connection.SslMode, connection.RootCertificate));
    }

    [Fact]
    public void Separate_settings_are_equivalent_to_a_url_and_not_encoded()
    {
        using var place = TestConfiguration.Working().With(Url, null).With("DB_HOST", "db.example.com").With("DB_USER", "orion")
            .With("DB_PASSWORD", " p%40@/# ");

        var settings = place.Settings().Database;
        var connection = new NpgsqlConnectionStringBuilder(settings.ConnectionString);

        Assert.Equal("postgresql://db.example.com:5432/orion_core", settings.Address);
        Assert.Equal(("orion", " p%40@/# ", SslMode.VerifyFull), (connection.Username, connection.Password, connection.SslMode));
    }

    [Theory]
    [InlineData("true", SslMode.VerifyFull)]
    [InlineData("1", SslMode.VerifyFull)]
    [InlineData("False", SslMode.Disable)]
    [InlineData("disable", SslMode.Disable)]
    [InlineData("require", SslMode.Require)]
    [InlineData("verify-ca", SslMode.VerifyCA)]
    public void The_parts_tls_is_yes_no_or_an_sslmode(string value, SslMode expected)
    {
        using var place = TestConfiguration.Working().With(Url, null).With("DB_HOST", "db.example.com").With("DB_USER", "orion")
            .With("DB_SSL", value);

        Assert.Equal(expected, new NpgsqlConnectionStringBuilder(place.Settings().Database.ConnectionString).SslMode);
    }

    [Theory]
    [InlineData("DB_SSL", "yes")]
    [InlineData("DB_PORT", "0")]
    [InlineData("DB_USER", null)]
    [InlineData("DB_HOST", "a,b")]
    [InlineData("DB_HOST", "db.example.com:5432")]
    [InlineData("DB_HOST", "db.example.com;Host=evil")]
    public void An_invalid_separate_setting_prevents_the_start(string name, string? value)
    {
        using var place = TestConfiguration.Working().With(Url, null).With("DB_HOST", "db.example.com").With("DB_USER", "orion").With(name, value);

        Assert.Equal(name, place.Problem().Variable);
    }

    [Fact]
    public void A_url_takes_precedence_over_separate_settings_with_a_warning()
    {
        using var both = TestConfiguration.Working().With("DB_HOST", "other.example.com");
        Assert.Contains("db.example.com", both.Settings().Database.Address, StringComparison.Ordinal);
        Assert.Contains("both set", Assert.Single(both.Read().Warnings), StringComparison.Ordinal);

        using var stray = TestConfiguration.Working().With(Url, null).With("DB_PASSWORD", "hunter2");
        Assert.Equal(Url, stray.Problem().Variable);
        Assert.Contains("DB_PASSWORD", Assert.Single(stray.Read().Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Migrating_may_use_another_role_of_the_same_kind_of_database()
    {
        using var place = TestConfiguration.Working().With("MIGRATION_DATABASE_URL", "postgresql://owner:word@db.example.com/orion_core");
        Assert.Equal("owner", new NpgsqlConnectionStringBuilder(place.Settings().Database.MigrationConnectionString).Username);

        Assert.Equal("MIGRATION_DATABASE_URL", place.With("MIGRATION_DATABASE_URL", "sqlite:orion.db").Problem().Variable);
        Assert.Equal("MIGRATION_DATABASE_URL", place
            .With("MIGRATION_DATABASE_URL", "postgresql://owner@h/d?sslmode=prefer").Problem().Variable);

        place.With("MIGRATION_DATABASE_URL", "postgresql://owner@h/d").With(Url, $"sqlite:{place.Folder}/orion.db");
        Assert.Equal("MIGRATION_DATABASE_URL", place.Problem().Variable);
    }

    [Theory]
    [InlineData("pgbouncer=true", "pgbouncer", "DB_PREPARED_STATEMENTS")]
    [InlineData("connection_limit=5", "connection_limit", "DB_POOL_SIZE")]
    [InlineData("schema=chat", "schema", "search_path")]
    [InlineData("supa=base-pooler.x", "supa", "Supabase")]
    [InlineData("ssl=true", "ssl", "sslmode=verify-full")]
    [InlineData("options=-c%20statement_timeout%3D1", "options", "ALTER ROLE")]
    [InlineData("frobnicate=1", "frobnicate", "sslmode, sslrootcert")]
    public void A_parameter_that_is_not_supported_is_named_with_what_to_do(string parameter, string name, string advice)
    {
        using var place = TestConfiguration.Working().With("DATABASE_URL", $"postgresql://orion:hunter2@db.example.com/orion_core?sslmode=verify-full&{parameter}");

        var problem = place.Problem();

        Assert.EndsWith($"does not support, {name}", problem.What, StringComparison.Ordinal);
        Assert.Contains(advice, problem.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgresql://orion:hunter?two=x@db.example.com/orion_core")]
    [InlineData("postgresql://orion:p@db.example.com/orion_core?hunter2two=x")]
    public void A_part_of_a_password_is_not_reported_as_a_parameter(string url)
    {
        using var place = TestConfiguration.Working().With("DATABASE_URL", url);

        Assert.DoesNotContain("two", place.Problem().ToString(), StringComparison.Ordinal);
    }
}
