using System.Net;
using Orion.Cli.Doctor;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.FileSystem;

namespace Orion.UnitTests.Cli.Doctor;

/// <summary>The thresholds of the doctor.</summary>
public sealed class DoctorResultTests
{
    private static readonly DatabaseCondition Sound = new()
    {
        Version = "PostgreSQL 18.1",
        IsVersionSupported = true,
        Latency = TimeSpan.FromMilliseconds(1),
        ClockAhead = TimeSpan.Zero,
        Tls = new ConnectionTls("TLSv1.3", VerifiesServer: true, IsLocal: false),
        Connections = OneRole(20, 97),
    };

    private static ConnectionNeeds OneRole(int pool, int limit) => new(pool, Check: 1, Replies: 2, Backup: 4, limit, limit, limit, BackupUsesOtherRole: false);

    [Fact]
    public void A_healthy_database_passes_all_checks() => Assert.All(DatabaseChecks.Evaluate(Sound), result => Assert.Equal(Health.Pass, result.Health));

    [Theory]
    [InlineData(0, "Pass")]
    [InlineData(-0.9, "Pass")]
    [InlineData(1.1, "Warn")]
    [InlineData(-3, "Warn")]
    [InlineData(31, "Fail")]
    [InlineData(-45, "Fail")]
    public void A_larger_clock_skew_is_more_severe(double seconds, string health) =>
        Assert.Equal(health, Of("clocks", Sound with { ClockAhead = TimeSpan.FromSeconds(seconds) }).Health.ToString());

    [Theory]
    [InlineData(true, "127.0.0.0/8", "172.18.0.1", 1)]
    [InlineData(true, "172.18.0.1/32", "172.18.0.1", 0)]
    [InlineData(true, "127.0.0.0/8", null, 0)]
    [InlineData(false, "127.0.0.0/8", "172.18.0.1", 0)]
    public void In_a_container_that_requires_HTTPS_a_proxy_outside_of_it_must_be_trusted(bool https, string trusted, string? gateway, int warnings)
    {
        var results = ProxyChecks.Evaluate(https, [IPNetwork.Parse(trusted)], gateway is null ? null : IPAddress.Parse(gateway)).ToList();

        Assert.Equal(warnings, results.Count);
        Assert.All(results, result => Assert.Contains("172.18.0.1", result.Advice, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(20, 97, "Pass")]
    [InlineData(50, 97, "Warn")]
    [InlineData(94, 97, "Warn")]
    [InlineData(95, 97, "Fail")]
    [InlineData(4, 4, "Fail")]
    public void A_pool_and_the_other_connections_must_fit_the_server_twice(int pool, int limit, string health) =>
        Assert.Equal(health, Of("connections", Sound with { Connections = OneRole(pool, limit) }).Health.ToString());

    [Theory]
    [InlineData(20, 97, 10, 97, "Pass")]
    [InlineData(20, 97, 3, 97, "Fail")]
    [InlineData(20, 50, 10, 24, "Warn")]
    public void A_backup_by_another_role_has_that_roles_limit_and_shares_the_servers(int pool, int limit, int backupLimit, int all, string health) =>
        Assert.Equal(health, Of("connections", Sound with { Connections = new(pool, 1, 2, 4, limit, backupLimit, all, BackupUsesOtherRole: true) }).Health.ToString());

    [Theory]
    [InlineData(DatabaseMatch.Same, "Pass")]
    [InlineData(DatabaseMatch.Unknown, "Warn")]
    [InlineData(DatabaseMatch.Different, "Fail")]
    public void Two_settings_that_must_name_one_database_fail_where_they_do_not(DatabaseMatch match, string health) =>
        Assert.Equal(health, Of("migration database", Sound with { Comparison = new(match, "Found") }).Health.ToString());

    [Theory]
    [InlineData("TLSv1.3", true, false, "Pass")]
    [InlineData("TLSv1.3", false, false, "Warn")]
    [InlineData(null, false, true, "Pass")]
    [InlineData(null, false, false, "Warn")]
    public void Plain_text_passes_only_on_the_same_machine(string? protocol, bool verifies, bool local, string health) =>
        Assert.Equal(health, Of("database TLS", Sound with { Tls = new ConnectionTls(protocol, verifies, local) }).Health.ToString());

    [Fact]
    public void A_single_server_without_standbys_has_no_result_about_replication() => Assert.Empty(
        ReplicationChecks.Evaluate(new ReplicationCondition([new ServerCondition("db1:5432")], new PrimaryCondition("", "on", Connected: 0, Synchronous: 0))));

    [Theory]
    [InlineData(0, true, "Pass")]
    [InlineData(5, true, "Pass")]
    [InlineData(31, true, "Warn")]
    [InlineData(null, true, "Warn")]
    [InlineData(0, false, "Warn")]
    public void A_standby_that_is_far_behind_or_not_connected_is_a_warning(int? seconds, bool isReceiving, string health)
    {
        var standby = new StandbyCondition(isReceiving, IsPaused: false, Bytes: null, seconds is { } behind ? TimeSpan.FromSeconds(behind) : null);

        var results = ReplicationChecks.Evaluate(new ReplicationCondition([new ServerCondition("db2:5432") { Standby = standby }], Primary: null));

        Assert.Equal(health, results.Single(result => result.Subject == "replication").Health.ToString());
    }

    [Fact]
    public void Two_primaries_fail()
    {
        var results = ReplicationChecks.Evaluate(
            new ReplicationCondition([new ServerCondition("db1:5432"), new ServerCondition("db2:5432")], new PrimaryCondition("*", "on", 1, 1)));

        Assert.Equal("db1:5432 and db2:5432 are both primaries: their data diverges", results.Single(result => result.Health == Health.Fail).Found);
    }

    [Theory]
    [InlineData(10L << 30, "Pass")]
    [InlineData(500L << 20, "Warn")]
    [InlineData(50L << 20, "Fail")]
    public void Low_disk_space_is_reported(long free, string health) => Assert.Equal(health, MachineChecks.EvaluateDisk("/data", free).Health.ToString());

    [Fact]
    public void A_superuser_and_a_slow_or_old_database_are_warnings()
    {
        var results = DatabaseChecks.Evaluate(Sound with { IsSuperuser = true, Latency = TimeSpan.FromMilliseconds(80), IsVersionSupported = false }).ToList();

        Assert.Equal(["database version", "latency", "database role"], results.Where(result => result.Health == Health.Warn).Select(result => result.Subject));
    }

    [Fact]
    public void Each_file_that_others_can_read_fails_by_name()
    {
        var results = MachineChecks.Evaluate([new PrivateFile("/data/orion.db", true), new PrivateFile("/data/secret", false)]).ToList();

        Assert.Equal(("/data/orion.db is open to its group or others", Health.Fail), (results.Single().Found, results.Single().Health));
    }

    private static DoctorResult Of(string subject, DatabaseCondition database) => DatabaseChecks.Evaluate(database).Single(result => result.Subject == subject);
}
