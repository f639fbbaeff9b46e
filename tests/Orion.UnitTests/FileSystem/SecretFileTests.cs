using Orion.Infrastructure.FileSystem;

namespace Orion.UnitTests.FileSystem;

/// <summary>Secrets as Docker and Kubernetes mount them: <c>NAME_FILE</c>.</summary>
public class SecretFileTests
{
    private const string Url = "postgresql://orion:from-a-file@db.example.com/orion_core";

    [Theory]
    [InlineData("ORION_SHARED_JWT_SECRET", TestConfiguration.Secret + "X")]
    [InlineData("ORION_SHARED_JWT_SECRET_PREVIOUS", TestConfiguration.Secret + "X")]
    [InlineData("DATABASE_URL", Url)]
    [InlineData("MIGRATION_DATABASE_URL", Url)]
    [InlineData("DB_PASSWORD", "from-a-file")]
    public void Every_secret_can_be_given_as_a_file(string name, string content)
    {
        foreach (var lineEnd in (string[])["", "\n", "\r\n"])
        {
            using var place = TestConfiguration.Working().With(name, null);
            if (name == "DB_PASSWORD") place.With("DATABASE_URL", null).With("DB_HOST", "db.example.com").With("DB_USER", "orion");
            var settings = place.With($"{name}_FILE", Written(place, content + lineEnd)).Settings();

            var given = string.Join('\n', settings.Tokens.Secret, settings.Tokens.PreviousSecret, settings.Database.ConnectionString,
                settings.Database.MigrationConnectionString);
            Assert.Contains(content.Contains("://", StringComparison.Ordinal) ? "from-a-file" : content, given, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Only_one_line_end_is_removed()
    {
        using var place = TestConfiguration.Working().With("ORION_SHARED_JWT_SECRET", null);
        place.With("ORION_SHARED_JWT_SECRET_FILE", Written(place, TestConfiguration.Secret + "\n\n"));

        Assert.Equal(TestConfiguration.Secret + "\n", place.Settings().Tokens.Secret);
    }

    [Fact]
    public void It_works_in_the_env_file_and_in_development()
    {
        using var place = new TestConfiguration();
        place.WithEnvFile($"ORION_SHARED_JWT_SECRET_FILE={Written(place, TestConfiguration.Secret)}\n");

        Assert.Equal(TestConfiguration.Secret, place.Settings("Development").Tokens.Secret);
        Assert.Empty(place.Read("Development").Warnings);
    }

    [Fact]
    public void The_setting_and_its_file_exclude_each_other_wherever_they_are_set()
    {
        using var place = TestConfiguration.Working();
        place.WithEnvFile($"DATABASE_URL_FILE={Written(place, Url)}\n");

        var problem = place.Problem();

        Assert.Equal("DATABASE_URL_FILE", problem.Variable);
        Assert.Contains("DATABASE_URL", problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_name_counts_as_absent()
    {
        using var place = TestConfiguration.Working().With("DATABASE_URL_FILE", "");
        place.Settings();

        place.With("DATABASE_URL", "").With("DATABASE_URL_FILE", Written(place, Url));
        place.Settings();
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_the_one_problem_and_its_path_is_named()
    {
        using var place = TestConfiguration.Working().With("DATABASE_URL", null);
        var missing = Path.Combine(place.Folder, "missing");
        Named(missing);
        Named(place.Folder);
        Named(Written(place, ""));
        Named(Written(place, "\n"));
        File.WriteAllBytes(missing, [0xFF, 0xFE, 0x61, 0x00]);
        Named(missing);
        File.WriteAllBytes(missing, [0x61, 0xE9]);
        Named(missing);
        File.WriteAllText(missing, new string('x', SecretFile.MaxBytes + 1));
        Named(missing);

        void Named(string path)
        {
            var problem = place.With("DATABASE_URL_FILE", path).Problem();
            Assert.Equal("DATABASE_URL_FILE", problem.Variable);
            Assert.Contains(path, problem.What, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Url)]
    [InlineData("secret-in-the-wrong-variable")]
    public void A_secret_in_the_variable_of_the_file_is_not_repeated(string value)
    {
        using var place = TestConfiguration.Working().With("DATABASE_URL", null).With("DATABASE_URL_FILE", value);

        Assert.DoesNotContain(value, place.Problem().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_rules_of_the_value_hold_and_no_message_repeats_it()
    {
        using var place = TestConfiguration.Working().With("ORION_SHARED_JWT_SECRET", null);
        place.With("ORION_SHARED_JWT_SECRET_FILE", Written(place, "changeme-and-more"));

        var problem = place.Problem();

        Assert.Equal("ORION_SHARED_JWT_SECRET", problem.Variable);
        Assert.Contains("ORION_SHARED_JWT_SECRET_FILE", problem.Where, StringComparison.Ordinal);
        Assert.DoesNotContain("changeme-and", problem.ToString(), StringComparison.Ordinal);
    }

    private static string Written(TestConfiguration place, string content)
    {
        var path = Path.Combine(place.Folder, "secret");
        File.WriteAllText(path, content);
        return path;
    }
}
