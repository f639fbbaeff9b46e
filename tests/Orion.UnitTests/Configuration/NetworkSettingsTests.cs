using Orion.Infrastructure.Configuration;

namespace Orion.UnitTests.Configuration;

public class NetworkSettingsTests
{
    [Theory]
    [InlineData("Owner@Example.COM", "owner@example.com")]
    [InlineData(" owner@example.com ", "owner@example.com")]
    public void The_owner_is_one_address_in_lower_case(string given, string expected)
    {
        using var place = TestConfiguration.Working().With("AUTHORIZED_USER_EMAIL", given);

        Assert.Equal(expected, place.Settings().Owner.Value);
    }

    [Theory]
    [InlineData("you@example.com")]
    [InlineData("YOU@example.com")]
    [InlineData("a@example.com,b@example.com")]
    [InlineData("nobody")]
    [InlineData("a b@example.com")]
    [InlineData("ö@example.com")]
    public void An_invalid_owner_prevents_the_start_in_production(string given)
    {
        using var place = TestConfiguration.Working().With("AUTHORIZED_USER_EMAIL", given);

        Assert.Equal("AUTHORIZED_USER_EMAIL", place.Problem().Variable);
    }

    [Theory]
    [InlineData("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true")]
    [InlineData("ASPNETCORE_ForwardedHeaders_Enabled", "TRUE")]
    [InlineData("ForwardedHeaders_Enabled", "True")]
    [InlineData("FORWARDEDHEADERS_ENABLED", "1")]
    [InlineData("DOTNET_FORWARDEDHEADERS_ENABLED", " true")]
    public void The_setting_that_trusts_all_peers_prevents_the_start(string name, string value)
    {
        using var place = TestConfiguration.Working().With(name, value);

        Assert.Equal("ASPNETCORE_FORWARDEDHEADERS_ENABLED", place.Problem().Variable);
        Assert.Equal("ASPNETCORE_FORWARDEDHEADERS_ENABLED", place
            .With("AUTHORIZED_USER_EMAIL", "owner@example.com").Problem("Development").Variable);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("")]
    [InlineData("0")]
    public void The_setting_may_be_off(string value)
    {
        using var place = TestConfiguration.Working().With("ASPNETCORE_FORWARDEDHEADERS_ENABLED", value);

        place.Settings();
    }

    [Fact]
    public void The_setting_in_a_prefixed_source_prevents_the_start_too()
    {
        using var place = TestConfiguration.Working();
        place.AppSettings["FORWARDEDHEADERS_ENABLED"] = "true";

        Assert.Equal("ASPNETCORE_FORWARDEDHEADERS_ENABLED", place.With("FORWARDEDHEADERS_ENABLED", "false").Problem().Variable);
    }

    [Fact]
    public void Proxies_replace_the_default()
    {
        using var place = TestConfiguration.Working()
            .With("TRUSTED_PROXIES", "10.1.2.3, 10.0.0.0/8,2001:db8::/32,::/81,::ffff:192.168.0.0/112,10.1.2.3");

        Assert.Equal(
            ["10.1.2.3/32", "10.0.0.0/8", "2001:db8::/32", "::/81", "192.168.0.0/16"],
            place.Settings().TrustedProxies.Select(n => n.ToString()));
    }

    [Theory]
    [InlineData("10.0.0.0/7")]
    [InlineData("0.0.0.0/0")]
    [InlineData("*")]
    [InlineData("2001::/31")]
    [InlineData("::/0")]
    [InlineData("::/32")]
    [InlineData("::/80")]
    [InlineData("::8000:0:0/81")]
    [InlineData("::ffff:0:0/96")]
    [InlineData("::ffff:10.0.0.0/103")]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.1")]
    [InlineData("0x0a.0.0.1")]
    [InlineData("010.0.0.1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("proxy.example.com")]
    [InlineData("10.0.0.1:80")]
    [InlineData(",")]
    public void Invalid_or_too_wide_proxies_prevent_the_start(string value)
    {
        using var place = TestConfiguration.Working().With("TRUSTED_PROXIES", value);

        Assert.Equal("TRUSTED_PROXIES", place.Problem().Variable);
    }

    [Theory]
    [InlineData("redis://localhost", "localhost", 6379, null, null, 0, false)]
    [InlineData("redis://:p%40ss%2Fword@127.0.0.1:6380/3", "127.0.0.1", 6380, null, "p@ss/word", 3, false)]
    [InlineData("rediss://orion:a:b@redis.example.com", "redis.example.com", 6379, "orion", "a:b", 0, true)]
    [InlineData("REDISS://[::1]:1/", "::1", 1, null, null, 0, true)]
    public void A_redis_url_has_optional_parts(string url, string host, int port, string? user, string? password, int database, bool usesTls)
    {
        using var place = TestConfiguration.Working().With("REDIS_URL", url);

        Assert.Equal(
            new RedisSettings { Host = host, Port = port, User = user, Password = password, Database = database, UsesTls = usesTls },
            place.Settings().Redis);
        Assert.Empty(place.Read().Warnings);
    }

    [Theory]
    [InlineData("localhost:6379")]
    [InlineData("http://localhost:6379")]
    [InlineData("redis://")]
    [InlineData("redis://local host")]
    [InlineData("redis://localhost:0x1")]
    [InlineData("redis://localhost:70000")]
    [InlineData("redis://localhost/first")]
    [InlineData("redis://localhost/1/2")]
    [InlineData("redis://localhost?ssl=true")]
    [InlineData("redis://one:6379,two:6379")]
    [InlineData("redis://:p%zz@localhost")]
    [InlineData("redis://:p%00@localhost")]
    public void An_invalid_redis_url_prevents_the_start_and_is_not_repeated(string url)
    {
        using var place = TestConfiguration.Working().With("REDIS_URL", url);

        var problem = place.Problem();

        Assert.Equal("REDIS_URL", problem.Variable);
        Assert.DoesNotContain(url, problem.What + problem.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Redis_on_another_host_without_TLS_warns_at_each_start()
    {
        using var place = TestConfiguration.Working().With("REDIS_URL", "redis://:secret@redis.example.com");

        var warning = Assert.Single(place.Read().Warnings);

        Assert.Contains("plain text", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_are_off_unless_they_have_a_port()
    {
        using var place = TestConfiguration.Working().With("METRICS_ADDRESS", "0.0.0.0");

        Assert.Null(place.Settings().Metrics);
    }

    [Theory]
    [InlineData("127.0.0.1:9464")]
    [InlineData("0.0.0.0:9464", "METRICS_ADDRESS", "0.0.0.0")]
    [InlineData("[::1]:9464", "METRICS_ADDRESS", " ::1 ")]
    public void Metrics_are_on_loopback_by_default(string expected, string name = "METRICS_PORT", string value = "9464")
    {
        using var place = TestConfiguration.Working().With("METRICS_PORT", "9464").With(name, value);

        Assert.Equal(expected, place.Settings().Metrics!.ToString());
    }

    [Theory]
    [InlineData("METRICS_PORT", "0")]
    [InlineData("METRICS_PORT", "65536")]
    [InlineData("METRICS_PORT", "3002")]
    [InlineData("METRICS_PORT", "yes")]
    [InlineData("METRICS_ADDRESS", "localhost")]
    [InlineData("METRICS_ADDRESS", "127.0.0.1:9464")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "localhost")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "/v1/metrics")]
    public void Where_metrics_and_traces_go_is_checked(string name, string value)
    {
        using var place = TestConfiguration.Working().With(name, value);

        Assert.Equal(name, place.Problem().Variable);
    }

    [Fact]
    public void Variables_of_OpenTelemetry_count_in_an_env_file_too()
    {
        using var place = TestConfiguration.Working().WithEnvFile("OTEL_EXPORTER_OTLP_ENDPOINT=nonsense\nOTEL_SERVICE_NAME=orion-two\n");

        Assert.Equal("OTEL_EXPORTER_OTLP_ENDPOINT", place.Problem().Variable);
        Assert.Empty(place.Read().Warnings);
    }
}
