using System.Net;
using Microsoft.Extensions.Configuration;
using Orion.Infrastructure.Settings;

namespace Orion.UnitTests.Settings;

public class SettingsReaderTests
{
    [Fact]
    public void Development_needs_nothing()
    {
        using var place = new Workplace();

        var settings = place.Settings("Development");

        Assert.Equal(3002, settings.Port);
        Assert.Equal(128, settings.Tokens.Secret.Length);
        Assert.Null(settings.Tokens.PreviousSecret);
        Assert.Equal(("http://localhost:3000", "orion-core"), (settings.Tokens.Issuer, settings.Tokens.Audience));
        Assert.Equal(TimeSpan.FromDays(1), settings.Tokens.UserTokenMaxLifetime);
        Assert.Equal("you@example.com", settings.Owner.Value);
        Assert.Equal(["http://localhost:3000", "http://localhost:3005"], settings.AllowedOrigins);
        Assert.Equal(new RateLimitSettings(100, 100, TimeSpan.FromSeconds(900)), settings.RateLimit);
        Assert.Equal(DatabaseProvider.Sqlite, settings.Database.Provider);
        Assert.Equal(Path.Combine(place.Folder, ".orion"), settings.DataFolder);
        Assert.Equal($"sqlite:{Path.Combine(place.Folder, ".orion", "orion.db")}", settings.Database.Address);
        Assert.True(settings.Database.MigrateOnStart);
        Assert.False(settings.RequireHttps);
        Assert.Equal([IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")], settings.TrustedProxies);
        Assert.Equal(1000, settings.MaxConnections);
        Assert.False(settings.HealthShowsDatabase);
        Assert.True(settings.ApiDocs);
    }

    [Fact]
    public void Production_starts_with_five_settings()
    {
        using var place = Workplace.Working();

        var settings = place.Settings();

        Assert.Empty(place.Read().Warnings);
        Assert.True(settings.RequireHttps);
        Assert.False(settings.ApiDocs);
        Assert.Null(settings.DataFolder);
        Assert.Equal("postgresql://db.example.com:5432/orion_core", settings.Database.Address);
        Assert.Empty(Directory.GetFileSystemEntries(place.Folder));
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    [InlineData("Developement")]
    public void Everything_that_production_needs_is_reported_at_once_and_nothing_is_made(string environmentName)
    {
        using var place = new Workplace();

        var reading = place.Read(environmentName);

        Assert.False(reading.CanStart);
        Assert.Equal(
            ["ORION_SHARED_JWT_SECRET", "JWT_ISSUER", "AUTHORIZED_USER_EMAIL", "ALLOWED_ORIGINS", "DATABASE_URL"],
            reading.Problems.Select(p => p.Variable));
        Assert.All(reading.Problems, p => Assert.Contains(place.EnvFilePath, p.Where, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(place.Folder));
    }

    [Fact]
    public void A_problem_elsewhere_leaves_development_without_folder_and_secret()
    {
        using var place = new Workplace().With("PORT", "0").With("DATABASE_URL", "sqlite:orion.db");

        Assert.Equal("PORT", place.Problem("Development").Variable);
        Assert.Empty(Directory.GetFileSystemEntries(place.Folder));
    }

    [Theory]
    [InlineData("PORT", "1", "65535", "0", "65536", "-1", "+1", "1.0", "0x10", "3002;", "٣")]
    [InlineData("USER_TOKEN_MAX_SECONDS", "1", "31536000", "0", "31536001", "1e3", "99999999999999999999")]
    [InlineData("RATE_LIMIT_MAX_REQUESTS", "1", "1000000000", "0", "-5", "many")]
    [InlineData("RATE_LIMIT_WINDOW_SECONDS", "1", "900", "0", "0.5")]
    [InlineData("RATE_LIMIT_USER_MAX_REQUESTS", "1", "900", "0", "1,000")]
    [InlineData("DB_POOL_SIZE", "1", "500", "0", "10001")]
    [InlineData("MAX_CONNECTIONS", "1", "100000", "0", "-1")]
    public void Numbers_are_whole_and_in_their_range(string name, string least, string most, params string[] refused)
    {
        Assert.All([least, most, $" {most} "], value =>
        {
            using var place = Workplace.Working().With(name, value);
            place.Settings();
        });
        Assert.All(refused, value =>
        {
            using var place = Workplace.Working().With(name, value);
            var problem = place.Problem();
            Assert.Equal(name, problem.Variable);
            Assert.Contains("whole number", problem.What, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("REQUIRE_HTTPS")]
    [InlineData("MIGRATE_ON_START")]
    [InlineData("DB_PREPARED_STATEMENTS")]
    [InlineData("HEALTH_SHOW_DATABASE")]
    [InlineData("API_DOCS")]
    public void Yes_or_no_is_true_false_1_or_0(string name)
    {
        Assert.All(["true", "TRUE", "True", "1", "false", "False", "0"], value =>
        {
            using var place = Workplace.Working().With(name, value);
            place.Settings();
        });
        Assert.All(["yes", "no", "on", "off", "2", "t"], value =>
        {
            using var place = Workplace.Working().With(name, value);
            Assert.Equal(name, place.Problem().Variable);
        });
    }

    [Fact]
    public void Flags_reach_their_setting()
    {
        using var place = Workplace.Working()
            .With("REQUIRE_HTTPS", "0").With("MIGRATE_ON_START", "false").With("HEALTH_SHOW_DATABASE", "1").With("API_DOCS", "true");

        var settings = place.Settings();

        Assert.Equal((false, false, true, true), (settings.RequireHttps, settings.Database.MigrateOnStart, settings.HealthShowsDatabase, settings.ApiDocs));
    }

    [Fact]
    public void The_users_budget_is_the_addresses_budget_unless_it_is_set()
    {
        using var place = Workplace.Working().With("RATE_LIMIT_MAX_REQUESTS", "7").With("RATE_LIMIT_WINDOW_SECONDS", "60");

        Assert.Equal(new RateLimitSettings(7, 7, TimeSpan.FromMinutes(1)), place.Settings().RateLimit);
        Assert.Equal(new RateLimitSettings(7, 9, TimeSpan.FromMinutes(1)), place.With("RATE_LIMIT_USER_MAX_REQUESTS", "9").Settings().RateLimit);
    }

    [Theory]
    [InlineData("Owner@Example.COM", "owner@example.com")]
    [InlineData(" owner@example.com ", "owner@example.com")]
    public void The_owner_is_one_address_in_lower_case(string given, string expected)
    {
        using var place = Workplace.Working().With("AUTHORIZED_USER_EMAIL", given);

        Assert.Equal(expected, place.Settings().Owner.Value);
    }

    [Theory]
    [InlineData("you@example.com")]
    [InlineData("YOU@example.com")]
    [InlineData("a@example.com,b@example.com")]
    [InlineData("nobody")]
    [InlineData("a b@example.com")]
    [InlineData("ö@example.com")]
    public void The_owner_is_nobody_else_in_production(string given)
    {
        using var place = Workplace.Working().With("AUTHORIZED_USER_EMAIL", given);

        Assert.Equal("AUTHORIZED_USER_EMAIL", place.Problem().Variable);
    }

    [Theory]
    [InlineData("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true")]
    [InlineData("ASPNETCORE_ForwardedHeaders_Enabled", "TRUE")]
    [InlineData("ForwardedHeaders_Enabled", "True")]
    [InlineData("FORWARDEDHEADERS_ENABLED", "1")]
    [InlineData("DOTNET_FORWARDEDHEADERS_ENABLED", " true")]
    public void The_switch_that_trusts_everybody_refuses_to_start(string name, string value)
    {
        using var place = Workplace.Working().With(name, value);

        Assert.Equal("ASPNETCORE_FORWARDEDHEADERS_ENABLED", place.Problem().Variable);
        Assert.Equal("ASPNETCORE_FORWARDEDHEADERS_ENABLED", place.With("AUTHORIZED_USER_EMAIL", "owner@example.com").Problem("Development").Variable);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("")]
    [InlineData("0")]
    public void The_switch_may_be_off(string value)
    {
        using var place = Workplace.Working().With("ASPNETCORE_FORWARDEDHEADERS_ENABLED", value);

        place.Settings();
    }

    [Fact]
    public void A_switch_that_a_prefixed_source_holds_refuses_as_well()
    {
        using var place = Workplace.Working();
        place.AppSettings["FORWARDEDHEADERS_ENABLED"] = "true";

        Assert.Equal("ASPNETCORE_FORWARDEDHEADERS_ENABLED", place.With("FORWARDEDHEADERS_ENABLED", "false").Problem().Variable);
    }

    [Fact]
    public void Proxies_replace_the_default()
    {
        using var place = Workplace.Working().With("TRUSTED_PROXIES", "10.1.2.3, 10.0.0.0/8,2001:db8::/32,::ffff:192.168.0.0/112,10.1.2.3");

        Assert.Equal(
            ["10.1.2.3/32", "10.0.0.0/8", "2001:db8::/32", "192.168.0.0/16"],
            place.Settings().TrustedProxies.Select(n => n.ToString()));
    }

    [Theory]
    [InlineData("10.0.0.0/7")]
    [InlineData("0.0.0.0/0")]
    [InlineData("*")]
    [InlineData("2001::/31")]
    [InlineData("::/0")]
    [InlineData("::/32")]
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
    public void Proxies_that_are_no_address_or_too_wide_refuse_to_start(string value)
    {
        using var place = Workplace.Working().With("TRUSTED_PROXIES", value);

        Assert.Equal("TRUSTED_PROXIES", place.Problem().Variable);
    }

    [Fact]
    public void The_message_lists_every_problem_with_its_fix()
    {
        using var place = new Workplace().With("PORT", "x");

        var text = StartupRefusal.Format(place.Read().Problems, "Production");

        Assert.StartsWith("Orion does not start: 6 problems", text, StringComparison.Ordinal);
        Assert.Contains("  1. ORION_SHARED_JWT_SECRET is missing.", text, StringComparison.Ordinal);
        Assert.Contains("  6. PORT is not a whole number from 1 to 65535.", text, StringComparison.Ordinal);
        Assert.Equal(6, text.Split("Fix:").Length - 1);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_message_repeats_a_value_wherever_a_secret_lands()
    {
        const string Leak = "s3cr3tpassphrase";
        foreach (var setting in SettingsTable.All)
        {
            foreach (var value in (string[])[Leak, $"postgresql://u:{Leak}@h:{Leak}/d?{Leak}={Leak}", $"https://u:{Leak}@example.com", $"sqlite:../{Leak}", $"your_{Leak}", $"{Leak},{Leak}\u202e\n"])
            {
                using var place = Workplace.Working().With(setting.Name, value);
                if (setting.Name.StartsWith("DB_", StringComparison.Ordinal)) place.With("DATABASE_URL", null).With("DB_USER", "u");
                if (setting.Name != "DB_HOST" && setting.Name.StartsWith("DB_", StringComparison.Ordinal)) place.With("DB_HOST", "db.example.com").With(setting.Name, value);
                var reading = place.Read();
                var text = StartupRefusal.Format(reading.Problems, "Production") + string.Join('\n', reading.Warnings);
                Assert.DoesNotContain(Leak, text, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public void Printed_settings_hold_no_secret()
    {
        using var place = Workplace.Working().With("ORION_SHARED_JWT_SECRET_PREVIOUS", Workplace.Secret + "older");

        var text = place.Settings().ToString() + place.Read();

        Assert.DoesNotContain(Workplace.Secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
    }
}
