using System.Net;
using Microsoft.Extensions.Configuration;
using Orion.Infrastructure.Configuration;

namespace Orion.UnitTests.Configuration;

public class SettingsReaderTests
{
    [Fact]
    public void Sessions_are_kept_unless_RETENTION_DAYS_is_a_number_of_days()
    {
        foreach (var (text, days) in ((string?, int?)[])[(null, null), ("0", null), ("1", 1), ("36500", 36_500)])
        {
            using var place = TestConfiguration.Working();
            if (text is not null) place.With("RETENTION_DAYS", text);
            Assert.Equal(days is { } number ? TimeSpan.FromDays(number) : null, place.Settings().Retention.MaxAge);
        }

        foreach (var text in (string[])["-1", "36501", "1.5", "30d", "tcp://10.0.0.1:80"])
        {
            using var place = TestConfiguration.Working().With("RETENTION_DAYS", text);
            Assert.Equal("RETENTION_DAYS", place.Problem().Variable);
        }
    }

    [Fact]
    public void Development_requires_no_settings()
    {
        using var place = new TestConfiguration();

        var settings = place.Settings("Development");

        Assert.Equal(3002, settings.Port);
        Assert.Equal(128, settings.Tokens.Secret.Length);
        Assert.Null(settings.Tokens.PreviousSecret);
        Assert.Equal(("http://localhost:3000", "orion-core"), (settings.Tokens.Issuer, settings.Tokens.Audience));
        Assert.Equal(TimeSpan.FromDays(1), settings.Tokens.UserTokenMaxLifetime);
        Assert.Equal("you@example.com", settings.Owner.Value);
        Assert.Equal(["http://localhost:3000", "http://localhost:3005"], settings.AllowedOrigins);
        Assert.Equal(new RateLimitSettings(10_000, 10_000, TimeSpan.FromSeconds(900)), settings.RateLimit);
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
        using var place = TestConfiguration.Working();

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
    public void All_missing_settings_of_production_are_reported_together_and_no_file_is_created(string environmentName)
    {
        using var place = new TestConfiguration();

        var reading = place.Read(environmentName);

        Assert.False(reading.CanStart);
        Assert.Equal(
            ["ORION_SHARED_JWT_SECRET", "JWT_ISSUER", "AUTHORIZED_USER_EMAIL", "ALLOWED_ORIGINS", "DATABASE_URL"],
            reading.Problems.Select(p => p.Variable));
        Assert.All(reading.Problems, p => Assert.Contains(place.EnvFilePath, p.Where, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(place.Folder));
    }

    [Fact]
    public void Where_only_the_data_of_development_is_a_problem_names_its_environment()
    {
        using var place = new TestConfiguration();
        Assert.Empty(place.Read().Warnings);
        Directory.CreateDirectory(Path.Combine(place.Folder, ".orion"));

        Assert.Contains("DOTNET_ENVIRONMENT=Development", Assert.Single(place.Read().Warnings), StringComparison.Ordinal);
        Assert.Empty(place.WithEnvFile("PORT=1").Read().Warnings);
    }

    [Fact]
    public void With_another_problem_development_creates_no_folder_and_secret()
    {
        using var place = new TestConfiguration().With("PORT", "0").With("DATABASE_URL", "sqlite:orion.db");

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
    public void Numbers_are_whole_and_in_their_range(string name, string least, string most, params string[] rejected)
    {
        Assert.All([least, most, $" {most} "], value =>
        {
            using var place = TestConfiguration.Working().With(name, value);
            place.Settings();
        });
        Assert.All(rejected, value =>
        {
            using var place = TestConfiguration.Working().With(name, value);
            var problem = place.Problem();
            Assert.Equal(name, problem.Variable);
            Assert.Contains("whole number", problem.What, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("PORT", "of that name")]
    [InlineData("DB_PORT", "named db")]
    [InlineData("METRICS_PORT", "named metrics")]
    [InlineData("MAX_CONNECTIONS", "of that name")]
    public void An_address_instead_of_a_number_is_explained_by_Kubernetes(string name, string service)
    {
        using var place = TestConfiguration.Working().With(name, "tcp://10.96.0.7:5432");
        if (name == "DB_PORT") place.With("DATABASE_URL", null).With("DB_HOST", "db.example.com").With("DB_USER", "u");

        var problem = place.Problem();

        Assert.Equal(name, problem.Variable);
        Assert.Contains($"Kubernetes sets for a Service {service}", problem.What, StringComparison.Ordinal);
        Assert.Contains("enableServiceLinks: false", problem.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("REQUIRE_HTTPS")]
    [InlineData("MIGRATE_ON_START")]
    [InlineData("DB_PREPARED_STATEMENTS")]
    [InlineData("HEALTH_SHOW_DATABASE")]
    [InlineData("API_DOCS")]
    public void A_boolean_is_true_false_1_or_0(string name)
    {
        Assert.All(["true", "TRUE", "True", "1", "false", "False", "0"], value =>
        {
            using var place = TestConfiguration.Working().With(name, value);
            place.Settings();
        });
        Assert.All(["yes", "no", "on", "off", "2", "t"], value =>
        {
            using var place = TestConfiguration.Working().With(name, value);
            Assert.Equal(name, place.Problem().Variable);
        });
    }

    [Fact]
    public void Flags_reach_their_setting()
    {
        using var place = TestConfiguration.Working()
            .With("REQUIRE_HTTPS", "0").With("MIGRATE_ON_START", "false").With("HEALTH_SHOW_DATABASE", "1").With("API_DOCS", "true");

        var settings = place.Settings();

        Assert.Equal((false, false, true, true), (settings.RequireHttps, settings.Database.MigrateOnStart, settings.HealthShowsDatabase,
            settings.ApiDocs));
    }

    [Fact]
    public void The_users_rate_limit_defaults_to_that_of_addresses()
    {
        using var place = TestConfiguration.Working().With("RATE_LIMIT_MAX_REQUESTS", "7").With("RATE_LIMIT_WINDOW_SECONDS", "60");

        Assert.Equal(new RateLimitSettings(7, 7, TimeSpan.FromMinutes(1)), place.Settings().RateLimit);
        Assert.Equal(new RateLimitSettings(7, 9, TimeSpan.FromMinutes(1)), place
            .With("RATE_LIMIT_USER_MAX_REQUESTS", "9").Settings().RateLimit);
    }

    [Fact]
    public void The_message_lists_every_problem_with_its_fix()
    {
        using var place = new TestConfiguration().With("PORT", "x");

        var text = StartupProblems.Format(place.Read().Problems, "Production");

        Assert.StartsWith("Orion does not start: 6 problems", text, StringComparison.Ordinal);
        Assert.Contains("  1. ORION_SHARED_JWT_SECRET is missing.", text, StringComparison.Ordinal);
        Assert.Contains("  6. PORT is not a whole number from 1 to 65535.", text, StringComparison.Ordinal);
        Assert.Equal(6, text.Split("Fix:").Length - 1);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_message_repeats_a_value_even_if_a_secret_is_in_the_wrong_setting()
    {
        const string Leak = "s3cr3tpassphrase";
        string[] values =
        [
            Leak, $"postgresql://u:{Leak}@h:{Leak}/d?{Leak}={Leak}", $"https://u:{Leak}@example.com", $"sqlite:../{Leak}", $"your_{Leak}",
            $"{Leak},{Leak}\u202e\n",
        ];
        foreach (var setting in SettingGroups.Settings)
        {
            foreach (var value in values)
            {
                using var place = TestConfiguration.Working().With(setting.Name, value);
                if (setting.Name.StartsWith("DB_", StringComparison.Ordinal)) place.With("DATABASE_URL", null).With("DB_USER", "u");
                var isOtherPart = setting.Name != "DB_HOST" && setting.Name.StartsWith("DB_", StringComparison.Ordinal);
                if (isOtherPart) place.With("DB_HOST", "db.example.com").With(setting.Name, value);
                var reading = place.Read();
                var text = StartupProblems.Format(reading.Problems, "Production") + string.Join('\n', reading.Warnings);
                Assert.DoesNotContain(Leak, text, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public void Printed_settings_hold_no_secret()
    {
        using var place = TestConfiguration.Working().With("ORION_SHARED_JWT_SECRET_PREVIOUS", TestConfiguration.Secret + "older");

        var text = place.Settings().ToString() + place.Read();

        Assert.DoesNotContain(TestConfiguration.Secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/var/backups/orion", "/var/backups/orion")]
    [InlineData(" /var/backups/orion/ ", "/var/backups/orion")]
    public void The_folder_of_the_backups_is_a_full_path(string given, string expected)
    {
        using var place = TestConfiguration.Working().With("BACKUP_DIR", given);

        Assert.Equal(expected, place.Settings().BackupFolder);
    }

    [Theory]
    [InlineData("backups")]
    [InlineData("./backups")]
    [InlineData("~/backups")]
    public void The_folder_of_the_backups_is_not_relative_to_anything(string given)
    {
        using var place = TestConfiguration.Working().With("BACKUP_DIR", given);

        Assert.Equal("BACKUP_DIR", place.Problem().Variable);
    }
}
