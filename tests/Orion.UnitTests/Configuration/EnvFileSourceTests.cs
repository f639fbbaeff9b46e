using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Configuration.DotEnv;

namespace Orion.UnitTests.Configuration;

public class EnvFileSourceTests
{
    [Fact]
    public void The_file_in_the_working_directory_is_read()
    {
        using var place = TestConfiguration.Working()
            .With("JWT_ISSUER", null).WithEnvFile("\ufeffexport JWT_ISSUER='https://other.example.com' # c\r\n");

        Assert.Equal("https://other.example.com", place.Settings().Tokens.Issuer);
    }

    [Fact]
    public void A_missing_file_is_accepted_and_its_full_path_is_named_if_a_setting_is_missing()
    {
        using var place = TestConfiguration.Working().With("JWT_ISSUER", null);

        Assert.Contains($"{place.EnvFilePath} (not found)", place.Problem().Where, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_was_found_is_named_if_a_setting_is_missing()
    {
        using var place = TestConfiguration.Working().With("JWT_ISSUER", null).WithEnvFile("PORT=1");

        Assert.Contains($"; {place.EnvFilePath}", place.Problem().Where, StringComparison.Ordinal);
        Assert.DoesNotContain("not found", place.Problem().Where, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_file_can_be_named()
    {
        using var place = TestConfiguration.Working();
        File.WriteAllText(Path.Combine(place.Folder, "other.env"), "PORT=4000");
        place.WithEnvFile("PORT=5000").NamedEnvFile = "other.env";

        Assert.Equal(4000, place.Settings().Port);
    }

    [Fact]
    public void A_named_file_must_exist()
    {
        using var place = TestConfiguration.Working();
        place.NamedEnvFile = "other.env";

        var problem = place.Problem();

        Assert.Equal("ORION_ENV_FILE", problem.Variable);
        Assert.Contains(Path.Combine(place.Folder, "other.env"), problem.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void None_reads_no_file()
    {
        using var place = TestConfiguration.Working().WithEnvFile("PORT=5000");
        place.NamedEnvFile = "none";

        Assert.Equal(3002, place.Settings().Port);
    }

    [Fact]
    public void The_file_cannot_name_another_one()
    {
        using var place = TestConfiguration.Working().WithEnvFile("ORION_ENV_FILE=none\nPORT=5000");

        Assert.Equal(5000, place.Settings().Port);
        Assert.Contains("ORION_ENV_FILE", Assert.Single(place.Read().Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_names_are_ignored_with_one_warning_without_values()
    {
        using var place = TestConfiguration.Working().WithEnvFile("NODE_ENV=production\nredis=topsecret\nport=1\nPORT=5000");

        Assert.Equal(5000, place.Settings().Port);
        var warning = Assert.Single(place.Read().Warnings);
        Assert.EndsWith("NODE_ENV, port, redis.", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void The_warning_lists_at_most_twenty_names_and_none_that_looks_like_part_of_a_key()
    {
        var names = string.Concat(Enumerable.Range(10, 30).Select(i => $"N{i}=1\n"));
        using var place = TestConfiguration.Working().WithEnvFile($"{names}9abc==\n{new string('K', 65)}==\n");

        var warning = Assert.Single(place.Read().Warnings);

        Assert.EndsWith("N28, N29, 12 more.", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("9abc", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("KKKK", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_name_works_in_the_file_in_any_capitals()
    {
        using var place = TestConfiguration.Working().WithEnvFile("server__PORT=5000");

        Assert.Equal(5000, place.Settings().Port);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_file_that_others_can_write_prevents_the_start_only_in_production(UnixFileMode bit)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        using var place = TestConfiguration.Working().WithEnvFile("PORT=5000");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(place.EnvFilePath, File.GetUnixFileMode(place.EnvFilePath) | bit);

        Assert.Equal(".env", place.Problem().Variable);
        Assert.Equal(5000, place.Settings("Development").Port);
    }

    [Fact]
    public void A_file_that_is_a_symbolic_link_prevents_the_start_only_in_production()
    {
        using var place = TestConfiguration.Working();
        var real = Path.Combine(place.Folder, "real");
        File.WriteAllText(real, "PORT=5000");
        File.CreateSymbolicLink(place.EnvFilePath, real);

        Assert.Contains("symbolic link", place.Problem().What, StringComparison.Ordinal);
        Assert.Equal(5000, place.Settings("Development").Port);
    }

    [Fact]
    public void A_broken_link_and_a_folder_are_problems_and_not_exceptions()
    {
        using var place = TestConfiguration.Working();
        File.CreateSymbolicLink(place.EnvFilePath, Path.Combine(place.Folder, "nowhere"));
        Assert.Equal(".env", place.Problem().Variable);

        File.Delete(place.EnvFilePath);
        Directory.CreateDirectory(place.EnvFilePath);
        Assert.Contains("folder", place.Problem().What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-16", "UTF-16")]
    [InlineData("utf-16BE", "UTF-16")]
    [InlineData("iso-8859-1", "not UTF-8")]
    public void A_file_that_is_not_utf8_is_named_as_such_and_nothing_counts_as_missing(string encoding, string named)
    {
        using var place = new TestConfiguration();
        var bytes = System.Text.Encoding.GetEncoding(encoding).GetBytes("JWT_ISSUER=https://chät.example.com\n");
        File.WriteAllBytes(place.WithEnvFile("").EnvFilePath, bytes);

        foreach (var environment in (string[])["Production", "Development"])
        {
            var problem = place.Problem(environment);
            Assert.Equal(".env", problem.Variable);
            Assert.Contains(named, problem.What, StringComparison.Ordinal);
            Assert.Contains(place.EnvFilePath, problem.Where, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_first_name()
    {
        using var place = TestConfiguration.Working().WithEnvFile("\ufeffPORT=5000\n");

        Assert.Equal(5000, place.Settings().Port);
        Assert.Empty(place.Read().Warnings);
    }

    [Fact]
    public void A_misspelled_name_is_in_the_error_message()
    {
        using var place = TestConfiguration.Working().With("JWT_ISSUER", null).WithEnvFile("JWT_ISUER=https://chat.example.com\n");
        var reading = place.Read();

        Assert.Contains("JWT_ISUER", StartupProblems.Format(reading.Problems, "Production", reading.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DB_PASSWORD=abc#def", true)]
    [InlineData("DB_PASSWORD=#abc", true)]
    [InlineData("DB_PASSWORD='abc#def", true)]
    [InlineData("export DATABASE_URL=postgresql://u:p#w@h/d", true)]
    [InlineData("DB_PASSWORD='abc#def'", false)]
    [InlineData("DB_PASSWORD='abc'#def", false)]
    [InlineData("DB_PASSWORD=abc # a comment", false)]
    [InlineData("DB_PASSWORD= # a comment", false)]
    [InlineData("JWT_AUDIENCE=orion#core", false)]
    public void A_hash_that_truncates_a_secret_causes_a_warning_without_the_secret(string line, bool isWarned)
    {
        using var place = new TestConfiguration().With("DB_HOST", "localhost").With("DB_USER", "orion");
        var warnings = place.WithEnvFile($"# a comment\n{line}\nPORT=1\n").Read("Development").Warnings;

        Assert.Equal(isWarned, warnings.Any(w => w.Contains('#', StringComparison.Ordinal)));
        Assert.DoesNotContain(warnings, w => w.Contains("abc", StringComparison.Ordinal) || w.Contains("def", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_too_large_is_a_problem()
    {
        using var place = TestConfiguration.Working().WithEnvFile("#" + new string('x', EnvFileReading.MaxBytes));

        Assert.Contains("1 MiB", place.Problem().What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_takes_too_long_to_parse_is_a_problem()
    {
        using var place = TestConfiguration.Working().WithEnvFile(new string('\n', 1_000_000));

        Assert.Contains("too long", place.Problem().What, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_environment_variables_take_precedence_over_the_file()
    {
        using var place = new TestConfiguration();
        var builder = new ConfigurationBuilder().AddEnvironmentVariables("ASPNETCORE_").AddInMemoryCollection().AddEnvironmentVariables().AddCommandLine([]);

        builder.AddOrionEnvFile("Production", place.Folder, _ => null);

        var index = builder.Sources.IndexOf(Assert.Single(builder.Sources.OfType<EnvFileSource>()));
        Assert.Equal(2, index);
        Assert.IsType<EnvironmentVariablesConfigurationSource>(builder.Sources[3]);
    }
}
