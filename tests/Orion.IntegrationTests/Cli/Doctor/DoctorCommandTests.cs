using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orion.IntegrationTests.Cli.Doctor;

/// <summary><c>orion doctor</c>.</summary>
public abstract class DoctorCommandTests(OrionFixture orion) : CommandTests(orion)
{
    [Fact]
    public async Task A_healthy_service_has_no_failure_and_the_worst_result_decides_the_exit_code()
    {
        var ended = await Command("doctor", "--json");
        var report = Json(ended);

        var worst = report.GetProperty("worst").GetString();
        Assert.Equal(worst == "pass" ? 0 : 1, ended.ExitCode);
        Assert.NotEqual("fail", worst);
        foreach (var subject in (string[])["settings", "secret", "origins", "trusted proxies", "files", "database", "migrations", "database version", "latency", "disk"])
        {
            Assert.Contains(report.GetProperty("checks").EnumerateArray(), check => check.GetProperty("subject").GetString() == subject);
        }

        Assert.DoesNotContain(TestToken.SharedSecret, ended.Output, StringComparison.Ordinal);
        if (Orion.Database.Password is { Length: > 0 } password) Assert.DoesNotContain(password, ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_not_migrated_fails_with_advice()
    {
        await using var database = await Orion.CreateDatabase();

        var ended = (await Run(Environment(database), "", "doctor")).Should(2);

        Assert.Matches("(?m)^FAIL +migrations +[0-9]+ pending$", ended.Out);
        Assert.Contains("orion migrate", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_before_migrating_pending_migrations_pass()
    {
        await using var database = await Orion.CreateDatabase();

        var ended = await Run(Environment(database), "", "doctor", "--before-migrating");

        Assert.True(ended.ExitCode < 2, ended.Output);
        Assert.Matches("(?m)^pass +migrations +[0-9]+ pending, to be applied next$", ended.Out);
    }

    [Fact]
    public async Task Settings_that_are_not_accepted_fail_each_with_its_fix()
    {
        var environment = Environment(
            Orion.Database, ("ORION_SHARED_JWT_SECRET", "changeme-changeme-changeme-changeme-0123"), ("ALLOWED_ORIGINS", "*"));

        var ended = (await Run(environment, "", "doctor")).Should(2);

        Assert.Matches("(?m)^FAIL +ORION_SHARED_JWT_SECRET ", ended.Out);
        Assert.Matches("(?m)^FAIL +ALLOWED_ORIGINS ", ended.Out);
        Assert.DoesNotContain("changeme-changeme", ended.Output, StringComparison.Ordinal);
    }

    /// <summary>Doctor checks the same settings and opens the same addresses as a start.</summary>
    [Theory]
    [InlineData("METRICS_ADDRESS", "192.0.2.9")]
    [InlineData("ASPNETCORE_URLS", "http://192.0.2.9:3999")]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:99999")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "Authorization: Basic x")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "0")]
    [InlineData("Kestrel__Endpoints__Here__Url", "nonsense")]
    [InlineData("Kestrel__Certificates__Default__Path", "/nowhere/cert.pem")]
    [InlineData("Logging__LogLevel__Default", "nonsense")]
    [InlineData("DB_POOL_SIZE", "0")]
    public async Task A_setting_that_prevents_a_start_fails(string name, string value)
    {
        var metrics = PostgresCluster.FreePort().ToString(CultureInfo.InvariantCulture);
        var environment = Environment(Orion.Database, ("METRICS_PORT", metrics), ("ASPNETCORE_URLS", "http://127.0.0.1:0"), (name, value));

        var ended = (await Run(environment, "", "doctor")).Should(2);

        Assert.Matches($"(?m)^FAIL +{name} ", ended.Out);
    }

    [Fact]
    public async Task A_port_that_another_program_has_fails_and_one_that_orion_has_passes()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var ended = (await Run(Environment(Orion.Database, ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}")), "", "doctor")).Should(2);
        Assert.Matches($"(?m)^FAIL +ASPNETCORE_URLS +uses port {port}, on which another program listens", ended.Out);

        await using var orion = await MonitoredOrion.Start(Orion.Database);
        ended = await Run(Environment(Orion.Database, ("ASPNETCORE_URLS", orion.Address), ("METRICS_PORT", orion.MetricsPort)), "", "doctor");
        Assert.True(ended.ExitCode < 2, ended.Output);
        Assert.Equal(2, ended.Out.Split("is open: Orion responds there").Length - 1);
        (await orion.Anonymous.Get("/health/ready")).Should(200);
    }

    [Theory]
    [InlineData("orion-chat-backend", true)]
    [InlineData("another", false)]
    public async Task An_Orion_without_its_database_is_recognized_by_its_health(string service, bool isOrion)
    {
        var port = PostgresCluster.FreePort();
        using var stub = new HttpListener();
        stub.Prefixes.Add($"http://127.0.0.1:{port}/");
        stub.Start();
        var responding = Task.Run(async () =>
        {
            var context = await stub.GetContextAsync();
            context.Response.StatusCode = 503;
            context.Response.Close(Encoding.UTF8.GetBytes($$"""{"status":"down","service":"{{service}}"}"""), willBlock: true);
        }, TestContext.Current.CancellationToken);

        var ended = await Run(Environment(Orion.Database, ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}")), "", "doctor");

        await responding;
        Assert.Equal(isOrion, ended.Out.Contains("is open: Orion responds there", StringComparison.Ordinal));
        Assert.Equal(!isOrion, ended.Out.Contains("does not respond as Orion does", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_misspelled_name_in_the_env_file_is_listed_with_the_missing_setting()
    {
        var folder = Directory.CreateTempSubdirectory("orion-doctor-").FullName;
        var file = Path.Combine(folder, "orion.env");
        await File.WriteAllTextAsync(file, "JWT_ISUER=https://chat.example.com\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var environment = Environment(Orion.Database, ("ORION_ENV_FILE", file));
        environment.Remove("JWT_ISSUER");

        var ended = (await Run(environment, "", "doctor")).Should(2);

        Assert.Matches("(?m)^FAIL +JWT_ISSUER ", ended.Out);
        Assert.Matches("(?m)^warn +settings +.*JWT_ISUER", ended.Out);
        ended = (await Run(environment, "", "users", "list")).Should(78);
        Assert.Contains("JWT_ISUER", ended.Error, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Risky_settings_are_warnings()
    {
        var environment = Environment(Orion.Database, ("TRUSTED_PROXIES", "10.0.0.0/8"), ("REQUIRE_HTTPS", "true"), ("ALLOWED_ORIGINS", OrionServer.Origin));

        var ended = (await Run(environment, "", "doctor")).Should(1);

        Assert.Matches("(?m)^warn +trusted proxies +10.0.0.0/8 ", ended.Out);
        Assert.Matches("(?m)^pass +https +required", ended.Out);
        Assert.Matches("(?m)^pass +origins +1, each exact", ended.Out);
    }
}

[Collection(CliOnPostgres.Name)]
public sealed class DoctorCommandOnPostgres(PostgresOrion orion) : DoctorCommandTests(orion)
{
    [Fact]
    public async Task A_pool_larger_than_the_servers_limit_fails()
    {
        var ended = (await Run(Environment(Orion.Database, ("DB_POOL_SIZE", "9000")), "", "doctor")).Should(2);

        Assert.Matches("(?m)^FAIL +connections +9003 for an instance .9000, 1 for the check and 2 for replies., of [0-9]+ ", ended.Out);
        Assert.Matches("(?m)^(pass|warn) +clocks ", ended.Out);
        Assert.Matches("(?m)^pass +database TLS +plain text that stays on this machine", ended.Out);
    }

    [Fact]
    public async Task A_database_that_does_not_respond_fails_without_credentials()
    {
        var ended = (await Run(Environment(Orion.Database, ("DATABASE_URL", "postgresql://orion:hunter2-in-the-url@127.0.0.1:1/orion")), "", "doctor")).Should(2);

        Assert.Matches("(?m)^FAIL +database +postgresql://127.0.0.1:1/orion cannot be used: Connection refused", ended.Out);
        Assert.DoesNotContain("hunter2", ended.Output, StringComparison.Ordinal);
    }
}

[Collection(CliOnSqlite.Name)]
public sealed class DoctorCommandOnSqlite(SqliteOrion orion) : DoctorCommandTests(orion)
{
    [Fact]
    public async Task A_file_that_is_not_a_database_fails_and_other_commands_refer_to_doctor()
    {
        var folder = Directory.CreateTempSubdirectory("orion-doctor-").FullName;
        var file = Path.Combine(folder, "orion.db");
        await File.WriteAllTextAsync(file, new string('x', 4096), TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var environment = Environment(Orion.Database, ("DATABASE_URL", $"sqlite:{file}"));

        var ended = (await Run(environment, "", "doctor")).Should(2);
        Assert.Matches("(?m)^FAIL +database +.*file is not a database", ended.Out);
        ended = (await Run(environment, "", "users", "list")).Should(69);
        ShouldBeOneLine(ended);
        Assert.Contains("orion doctor", ended.Error, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_database_file_that_others_can_read_fails_with_the_command_that_fixes_it()
    {
        if (OperatingSystem.IsWindows()) return;
        var folder = Directory.CreateTempSubdirectory("orion-doctor-").FullName;
        var file = Path.Combine(folder, "notes.txt");
        await File.WriteAllTextAsync(file, "open", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        var ended = (await Run(Environment(Orion.Database, ("ORION_DATA_DIR", folder)), "", "doctor")).Should(2);

        Assert.Contains($"{file} is open to its group or others", ended.Out, StringComparison.Ordinal);
        Assert.Contains("chmod 600", ended.Out, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}
